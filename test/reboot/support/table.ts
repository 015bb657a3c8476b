import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Beginning } from './beginning.ts';
import type { CellResult } from './cell.ts';
import { realValues, saidValues, totalsOf, verdict } from './report.ts';
import type { Scenario } from './scenario.ts';

const INTRODUCTION = `# What real boots made of it

Written by \`npm run test:reboot -- --full --table docs/reboot-tests.md\`. Each cell is a machine in QEMU that boots Debian with systemd and this service in it. The
service is asked through its API, inside the machine; then \`GET /api/v1/boot\` is kept, the machine is rebooted, a firewall rule with \`ct state\` is loaded, and every
file of \`/proc/sys/net/netfilter\` is compared with what the preview said. Shown are max / buckets / tcp_timeout_established; compared are all. A preview of the kernel's
own default without a number counts as the value of a boot in which nothing asks for any.

A cell also fails where a persisted value is not there after the boot, where a unit fails that does not fail without us, and where a file of others differs in a byte or in its mode.
`;

/** One of the machines, and what ran on it. */
export interface Column {
  readonly beginning: Beginning;
  readonly results: CellResult[];
}

/** Rows of a table by what its machine is and by cell, as they stand in the file. */
export type KeptRows = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Of an earlier run, so that a long one need not be made in one piece; none where there is no such file. */
export async function rowsIn(path: string): Promise<KeptRows> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const parts = text.split(/^## /m).map((part) => part.split('\n'));
  return new Map(parts.map(([heading = '', ...lines]) => [heading.trim(), new Map(lines.flatMap(cellOf))]));
}

/** Whether an earlier run has it, and it was right. */
export function isSettled(kept: KeptRows, { beginning }: Column, { name }: Scenario): boolean {
  return isRight(kept.get(beginning.versions)?.get(name) ?? '');
}

function isRight(line: string): boolean {
  return /\| (ok|found out) +\|$/.test(line.trim());
}

function cellOf(line: string): [string, string][] {
  const [, name = '', , , verdict = ''] = line.split('|').map((field) => field.trim());
  return name === '' || /^(-+|cell)$/.test(name) || verdict === '' ? [] : [[name, line]];
}

export async function writeTable(path: string, scenarios: readonly Scenario[], columns: readonly Column[], kept: KeptRows): Promise<void> {
  const merged = columns.map(({ beginning, results }) => ({
    versions: beginning.versions,
    rows: new Map([...(kept.get(beginning.versions) ?? []), ...results.map((result) => [result.scenario, rowOf(result)] as const)]),
  }));
  const shown = scenarios.filter(({ name }) => merged.some(({ rows }) => rows.has(name)));
  const parts = [INTRODUCTION, '## The cells\n', scenariosTable(shown), ...merged.map((column) => columnPart(column, shown))];
  const rows = merged.flatMap((column) => [...column.rows.values()]);
  const totals = totalsOf(columns.flatMap(({ results }) => results));
  const others = rows.length - totals.cells;
  const bad = rows.filter((line) => !isRight(line)).length;
  const origin = others === 0 ? '' : `, ${others} of them of earlier runs`;
  const end = `## Altogether\n\nCells ${rows.length}${origin}; cells with a wrong preview, a lost value, a degraded boot or another failure: ${bad}.\n`;
  const text = await format([...parts, end].join('\n'), { ...(await resolveConfig(path)), parser: 'markdown' });
  await writeFile(path, text);
}

function scenariosTable(scenarios: readonly Scenario[]): string {
  const rows = scenarios.map(({ name, what, short }) => row([name, what, short ? 'yes' : '']));
  return [row(['cell', 'what there is, and what is done', 'in CI']), row(['-', '-', '-']), ...rows, ''].join('\n');
}

function columnPart({ versions, rows }: { versions: string; rows: ReadonlyMap<string, string> }, shown: readonly Scenario[]): string {
  const lines = shown.flatMap(({ name }) => rows.get(name) ?? []);
  return [`## ${versions}\n`, row(['cell', 'preview', 'real', 'verdict']), row(['-', '-', '-', '-']), ...lines, ''].join('\n');
}

function rowOf(result: CellResult): string {
  return row([result.scenario, saidValues(result), realValues(result), verdict(result)]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
