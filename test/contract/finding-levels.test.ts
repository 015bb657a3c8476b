import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BOOT_FINDINGS } from '../../src/domain/boot/boot-finding.ts';
import type { FindingDefinition } from '../../src/domain/finding-definition.ts';
import { TABLE_FINDINGS } from '../../src/domain/findings/table-finding.ts';
import { RISKS } from '../../src/domain/risks/risk.ts';

const SOURCES = join(import.meta.dirname, '../../src');

/** The compiler refuses a level that the table lacks; these tests refuse a level that no rule reports. */
it.each([
  { name: 'boot finding', folders: '{domain/boot,application/table}', table: 'boot-finding.ts', definitions: BOOT_FINDINGS },
  { name: 'table finding', folders: 'domain/findings', table: 'table-finding.ts', definitions: TABLE_FINDINGS },
  { name: 'risk', folders: 'domain/risks', table: 'risk.ts', definitions: RISKS },
])('some rule reports each level of each $name', ({ folders, table, definitions }) => {
  const rules = globSync(`${folders}/**/*.ts`, { cwd: SOURCES }).filter((file) => !file.endsWith(`/${table}`));
  const text = rules.map((file) => readFileSync(join(SOURCES, file), 'utf8')).join('\n');
  const defined = Object.entries<FindingDefinition<string>>(definitions).flatMap(([code, { levels }]) =>
    levels.map((level) => ({ code, level })),
  );
  const unused = defined.filter(({ code, level }) => !new RegExp(`'${code}'[\\s\\S]{0,160}?'${level}'`).test(text));
  expect(unused).toEqual([]);
});
