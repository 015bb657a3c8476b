import { writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Beginning } from './beginning.ts';
import type { CellResult } from './cell.ts';
import { lastLine, realValues, saidValues, totalsOf, verdict } from './report.ts';
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

export async function writeTable(path: string, scenarios: readonly Scenario[], columns: readonly Column[]): Promise<void> {
  const order = scenarios.map(({ name }) => name);
  const parts = [INTRODUCTION, '## The cells\n', scenariosTable(scenarios), ...columns.map((column) => columnPart(column, order))];
  const totals = `## Altogether\n\n${lastLine(totalsOf(columns.flatMap(({ results }) => results)))}`;
  const text = await format([...parts, totals].join('\n'), { ...(await resolveConfig(path)), parser: 'markdown' });
  await writeFile(path, text);
}

function scenariosTable(scenarios: readonly Scenario[]): string {
  const rows = scenarios.map(({ name, what, short }) => row([name, what, short ? 'yes' : '']));
  return [row(['cell', 'what there is, and what is done', 'in CI']), row(['-', '-', '-']), ...rows, ''].join('\n');
}

function columnPart({ beginning, results }: Column, order: readonly string[]): string {
  const sorted = results.toSorted((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  const rows = sorted.map((result) => row([result.scenario, saidValues(result), realValues(result), verdict(result)]));
  return [`## ${beginning.versions}\n`, row(['cell', 'preview', 'real', 'verdict']), row(['-', '-', '-', '-']), ...rows, ''].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
