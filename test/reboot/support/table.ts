import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Beginning } from './beginning.ts';
import type { CellResult } from './cell.ts';
import { realValues, previewValues, totalsOf, verdict } from './report.ts';
import type { Scenario } from './scenario.ts';

const INTRODUCTION = `# Reboot tests

Written by \`npm run test:reboot -- --full --table docs/reboot-tests.md\`. Each test case is a virtual machine in QEMU that boots Debian with systemd and this service. The test sends
requests to the API inside the machine, stores \`GET /api/v1/boot\`, reboots the machine, loads a firewall rule with \`ct state\`, and compares every file of \`/proc/sys/net/netfilter\` with
the preview. The tables show max / buckets / tcp_timeout_established; all settings are compared. If the preview reports the kernel's default without a number, it is compared with the
value after a boot in which nothing sets the value.

A test case also fails if a persisted value is missing after the boot, if a unit fails that does not fail without the service, or if an unmanaged file changes in a byte or in its mode.
`;

/** A kind of machine and the results of its test cases. */
export interface Column {
  readonly beginning: Beginning;
  readonly results: CellResult[];
}

/** Rows of the file, by versions of the machine and by test case. */
export type KeptRows = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Rows of an earlier run, so that a long run can be split, and its machines kept; none if the file does not exist. */
export async function rowsIn(path: string): Promise<KeptRows> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const parts = text.split(/^## /m).map((part) => part.split('\n'));
  return new Map(parts.map(([heading = '', ...lines]) => [heading.trim(), new Map(lines.flatMap(cellOf))]));
}

/** Whether an earlier run has the test case, with the expected result. */
export function isSettled(kept: KeptRows, { beginning }: Column, { name }: Scenario): boolean {
  return isRight(kept.get(beginning.versions)?.get(name) ?? '');
}

function isRight(line: string): boolean {
  return /\| (ok|detected) +\|$/.test(line.trim());
}

function cellOf(line: string): [string, string][] {
  const [, name = '', , , verdict = ''] = line.split('|').map((field) => field.trim());
  return name === '' || /^(-+|test case)$/.test(name) || verdict === '' ? [] : [[name, line]];
}

export async function writeTable(path: string, scenarios: readonly Scenario[], columns: readonly Column[], kept: KeptRows): Promise<void> {
  const merged = columns.map(({ beginning, results }) => ({
    versions: beginning.versions,
    rows: new Map([...(kept.get(beginning.versions) ?? []), ...results.map((result) => [result.scenario, rowOf(result)] as const)]),
  }));
  for (const [versions, rows] of kept) {
    const isRun = merged.some((column) => column.versions === versions);
    if (!isRun && rows.size > 0) merged.push({ versions, rows: new Map(rows) });
  }
  const shown = scenarios.filter(({ name }) => merged.some(({ rows }) => rows.has(name)));
  const parts = [INTRODUCTION, '## Test cases\n', scenariosTable(shown), ...merged.map((column) => columnPart(column, shown))];
  const rows = merged.flatMap((column) => [...column.rows.values()]);
  const totals = totalsOf(columns.flatMap(({ results }) => results));
  const others = rows.length - totals.cells;
  const bad = rows.filter((line) => !isRight(line)).length;
  const origin = others === 0 ? '' : `, ${others} of them from earlier runs`;
  const end = `## Totals\n\nTest cases ${rows.length}${origin}; test cases with a wrong preview, a lost value, a degraded boot or another failure: ${bad}.\n`;
  const text = await format([...parts, end].join('\n'), { ...(await resolveConfig(path)), parser: 'markdown' });
  await writeFile(path, text);
}

function scenariosTable(scenarios: readonly Scenario[]): string {
  const rows = scenarios.map(({ name, what, short }) => row([name, what, short ? 'yes' : '']));
  return [row(['test case', 'files and operations', 'in CI']), row(['-', '-', '-']), ...rows, ''].join('\n');
}

function columnPart({ versions, rows }: { versions: string; rows: ReadonlyMap<string, string> }, shown: readonly Scenario[]): string {
  const lines = shown.flatMap(({ name }) => rows.get(name) ?? []);
  return [`## ${versions}\n`, row(['test case', 'preview', 'actual', 'result']), row(['-', '-', '-', '-']), ...lines, ''].join('\n');
}

function rowOf(result: CellResult): string {
  return row([result.scenario, previewValues(result), realValues(result), verdict(result)]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
