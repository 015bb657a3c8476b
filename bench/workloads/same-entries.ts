import { spawn } from 'node:child_process';
import type { Stage, Workload } from '../harness/workload.ts';
import { LIST_OF_PORT, LIST_OF_SOURCE, PORT_FILTER, SOURCE_FILTER } from './filters.ts';
import { entriesWhere, EVERY_ENTRY, NDJSON } from '../harness/paths.ts';

const COMPLETE = /"outcome":"complete"/;
const NEW_LINE = 0x0a;
const PAIRS = [
  [EVERY_ENTRY, ['conntrack', '-L']],
  [entriesWhere(SOURCE_FILTER), LIST_OF_SOURCE],
  [entriesWhere(PORT_FILTER), LIST_OF_PORT],
] as const;

/** Verifies the responses: as many entries as `conntrack -L` lists, and a last record with the outcome `complete`. */
export const sameEntries: Workload = {
  name: 'same-entries',
  targets: [{ what: 'responses with missing or extra entries', against: 'conntrack -L', limit: 0, unit: 'responses' }],
  async run(stage) {
    const wrong = [];
    for (const [path, list] of PAIRS) wrong.push(await difference(stage, path, list));
    const differences = wrong.filter((text) => text !== undefined);
    return [{ value: differences.length, ours: differences.join('; ') || `${PAIRS.length} equal`, theirs: '' }];
  },
};

async function difference({ namespace, service }: Stage, path: string, list: readonly [string, ...string[]]): Promise<string | undefined> {
  const ours = await linesOf(service.curl(path, '--fail', '--header', `Accept: ${NDJSON}`));
  const theirs = await linesOf(namespace.command(...list));
  if (!COMPLETE.test(ours.last)) return `${path}: expected a last record with the outcome complete, found ${ours.last.slice(-200)}`;
  if (ours.lines - 1 !== theirs.lines) return `${path} has ${ours.lines - 1} entries, ${list.join(' ')} ${theirs.lines}`;
  return undefined;
}

async function linesOf([program, ...args]: readonly [string, ...string[]]): Promise<{ readonly lines: number; readonly last: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let lines = 0;
  let end = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, at + 1)) lines += 1;
    end = `${end}${chunk.subarray(-2_000).toString('latin1')}`.slice(-4_000);
  }
  return { lines, last: end.trimEnd().split('\n').at(-1) ?? '' };
}
