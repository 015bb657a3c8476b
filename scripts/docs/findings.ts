import { BOOT_FINDINGS } from '../../src/domain/boot/boot-finding.ts';
import { OVERRIDDEN_MEANINGS } from '../../src/domain/boot/boot-line.ts';
import { TABLE_FINDINGS } from '../../src/domain/findings/table-finding.ts';
import type { FindingDefinition } from '../../src/domain/finding-definition.ts';
import { RISKS } from '../../src/domain/risks/risk.ts';
import { table, withPart, type GeneratedDocument } from './generated-document.ts';

export const boot: GeneratedDocument = {
  file: 'docs/boot.md',
  source: 'src/domain/boot/boot-finding.ts or boot-line.ts',
  render: (current) =>
    withPart(withPart(current, 'boot findings', definitions(BOOT_FINDINGS)), 'reasons', byName(['Reason', 'Meaning'], OVERRIDDEN_MEANINGS)),
};

export const findings: GeneratedDocument = {
  file: 'docs/findings.md',
  source: 'src/domain/findings/table-finding.ts',
  render: (current) => withPart(current, 'table findings', definitions(TABLE_FINDINGS)),
};

export const risks: GeneratedDocument = {
  file: 'docs/risks.md',
  source: 'src/domain/risks/risk.ts',
  render: (current) => withPart(current, 'risks', definitions(RISKS)),
};

function definitions(all: Readonly<Record<string, FindingDefinition<string>>>): string {
  return table(
    ['Code', 'Level', 'Meaning', 'What to do'],
    Object.entries(all).map(([code, { levels, meaning, remedy }]) => [
      `\`${code}\``,
      levels.map((level) => `\`${level}\``).join(', '),
      meaning,
      remedy,
    ]),
  );
}

function byName(headings: readonly string[], meanings: Readonly<Record<string, string>>): string {
  return table(
    headings,
    Object.entries(meanings).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}
