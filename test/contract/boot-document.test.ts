import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BOOT_FINDING_CODES, OVERRIDDEN_REASONS } from '../../src/domain/boot/boot-result.ts';

const documentation = readFileSync(join(import.meta.dirname, '../../docs/boot.md'), 'utf8');

function firstColumn(heading: string): string[] {
  const section = documentation.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([\w-]+)` +\| \S/gm)].map(([, name = '']) => name);
}

describe('docs/boot.md', () => {
  it('explains every finding, and no other', () => {
    expect(firstColumn('Findings')).toEqual([...BOOT_FINDING_CODES]);
  });

  it('explains every reason for which a line loses, and no other', () => {
    expect(firstColumn('Why a line loses')).toEqual([...OVERRIDDEN_REASONS]);
  });
});
