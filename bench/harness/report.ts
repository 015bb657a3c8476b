import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { run } from '../../test/kernel/support/run.ts';
import type { Calibration } from './calibration.ts';
import type { Row, Unit } from './workload.ts';

/** Conditions of the measurement; nothing that identifies the machine. */
export interface Facts extends Partial<Calibration> {
  readonly date: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  readonly conntrack: string;
  readonly entries: number;
  readonly rounds: number;
}

export interface Report {
  readonly facts: Facts;
  readonly rows: readonly (Row & { readonly met: boolean })[];
}

export function reportOf(facts: Facts, rows: readonly Row[]): Report {
  return { facts, rows: rows.map((row) => ({ ...row, met: 'value' in row && row.value <= row.limit })) };
}

export function factsOf(entries: number, rounds: number): Facts {
  return {
    date: new Date().toISOString().slice(0, 10),
    kernel: release().split('-', 1).join(),
    architecture: process.arch,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    conntrack: execFileSync('conntrack', ['--version'], { encoding: 'utf8' }).trim(),
    entries,
    rounds,
  };
}

/** Markdown. The last line reports how many targets were met. */
export function toMarkdown({ facts, rows }: Report): string {
  const { date, kernel, architecture, processor, cores, node, conntrack, entries, rounds, hashMebibytes, floorMicroseconds } = facts;
  const calibration =
    hashMebibytes === undefined || floorMicroseconds === undefined
      ? []
      : [
          '',
          `Speed of the machine: SHA-256 ${hashMebibytes.toFixed(0)} MiB per second of CPU; dump that is discarded, ${floorMicroseconds.toFixed(2)} µs of CPU per entry.`,
        ];
  return [
    `${date}: Linux ${kernel} ${architecture}, ${cores} x ${processor}, Node ${node}, ${conntrack};`,
    `${entries.toLocaleString('en')} entries, medians of ${rounds}.`,
    ...calibration,
    '',
    '| workload | compared with | conntrack-api | other | measured | target | |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${cells(row).join(' | ')} |`),
    '',
    lastLine(rows),
  ].join('\n');
}

/** Name and title of what was measured. */
interface Subject {
  readonly name: string;
  readonly title: string;
}

/** Writes the report as JSON and Markdown. */
export function store(report: Report, directory: string, { name, title }: Subject): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(directory, `${name}.md`), `# ${title}\n\n\`node bench/run.ts ${name}\`\n\n${toMarkdown(report)}\n`);
}

/** Adds a line of JSON to `history.ndjson`, to see how results develop. */
export async function addToHistory({ facts, rows }: Report, directory: string, suite: string): Promise<void> {
  const commit = (await run('git', ['rev-parse', '--short', 'HEAD'])).trim();
  const values = rows.map(({ what, against, ...row }) => ({
    what,
    against,
    ...('value' in row && { value: Number(row.value.toPrecision(4)) }),
  }));
  appendFileSync(join(directory, 'history.ndjson'), `${JSON.stringify({ commit, suite, ...facts, rows: values })}\n`);
}

function cells(row: Report['rows'][number]): readonly string[] {
  const target = inUnit(row.limit, row.unit);
  if ('failure' in row) return [row.what, row.against, '', '', `failed: ${row.failure.replaceAll('|', '/')}`, target, '**not met**'];
  return [row.what, row.against, row.ours, row.theirs, inUnit(row.value, row.unit), target, row.met ? 'met' : '**not met**'];
}

function inUnit(value: number, unit: Unit): string {
  if (unit === 'ratio') return value.toFixed(2);
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${unit}`;
}

function lastLine(rows: Report['rows']): string {
  return `${rows.filter(({ met }) => met).length} of ${rows.length} targets met.`;
}
