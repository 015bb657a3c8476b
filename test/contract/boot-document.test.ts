import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOOT_FINDING_CODES, BOOT_FINDINGS } from '../../src/domain/boot/boot-finding.ts';
import { OVERRIDDEN_REASONS } from '../../src/domain/boot/boot-line.ts';

const documentation = readFileSync(join(import.meta.dirname, '../../docs/boot.md'), 'utf8');

function rowsUnder(heading: string): readonly (readonly string[])[] {
  const section = documentation.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([\w-]+)` +\| (\S.*?) +\|/gm)].map(([, name = '', second = '']) => [name, second]);
}

describe('docs/boot.md', () => {
  it('explains every finding, and no other', () => {
    expect(rowsUnder('Findings').map(([code]) => code)).toEqual([...BOOT_FINDING_CODES]);
  });

  it('shows the levels that the code has', () => {
    const levels = Object.entries(BOOT_FINDINGS).map(([code, definition]) => [
      code,
      definition.levels.map((level) => `\`${level}\``).join(', '),
    ]);
    expect(rowsUnder('Findings')).toEqual(levels);
    expect(rowsUnder('Findings')).toContainEqual(['VALUE_OUT_OF_RANGE', '`error`']);
  });

  it('explains every reason why a line is overridden, and no other', () => {
    expect(rowsUnder('Reasons').map(([reason]) => reason)).toEqual([...OVERRIDDEN_REASONS]);
  });
});
