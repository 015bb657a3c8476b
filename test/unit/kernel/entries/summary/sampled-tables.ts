import type { SummaryRequest, SummaryResult } from '../../../../../src/domain/entry-summary.ts';
import { EntryView } from '../../../../../src/kernel/entries/entry-view.ts';
import { EntrySummary } from '../../../../../src/kernel/entries/summary/summary-builder.ts';
import type { Random } from '../../../../reliability/clients/random.ts';
import { fill, type Flow, FLOW } from './flow.ts';

/** How the flows of a table are distributed. */
export const TABLES = {
  'a few sources have most flows': (random, at) => ({ mark: Math.floor(1_000 * unit(random) ** 6), ports: [at & 0xffff, port(random)] }),
  'all sources have as many flows': (_, at) => ({ mark: at % 300 }),
  'each flow has its own source': (_, at) => ({ mark: at }),
  'sources have five flows each': (_, at) => ({ mark: at % 1_200 }),
  'one source has half of the flows, and the others one to five in the sample': (random, at) => ({
    mark: random.chance(50) ? 0 : 1 + (at % 100),
  }),
  'zones of very different sizes repeat the same tuples': (random, at) => ({ zone: Math.floor(40 * unit(random) ** 5), mark: at % 50 }),
} as const satisfies Readonly<Record<string, (random: Random, at: number) => Partial<Flow>>>;
export type TableName = keyof typeof TABLES;

/** One flow of the table in this many belongs to another network namespace and is not listed. */
const OTHER_NAMESPACE = 3;
const BUCKETS = 4_096;

/** A table whose flows are in random buckets, as the keyed hash of their tuples places them. The latest flow of a bucket is listed first. */
export function tableOf(name: TableName, entries: number, random: Random): readonly Flow[] {
  const placed: { readonly flow: Flow; readonly bucket: number }[] = [];
  for (let at = 0; placed.length < entries; at += 1) {
    const bucket = random.below(BUCKETS);
    if (random.below(OTHER_NAMESPACE) === 0) continue;
    const state = random.below(10) < 7 ? 3 : random.below(9);
    const flow: Flow = { ...FLOW, timeout: random.below(700), state, protocol: protocol(random), ...TABLES[name](random, placed.length) };
    placed.push({ flow, bucket });
  }
  return placed
    .reverse()
    .sort((one, other) => one.bucket - other.bucket)
    .map(({ flow }) => flow);
}

/** The summary of the first flows of a table. @param capacity distinct keys that are counted exactly */
export function sampleOf(
  table: readonly Flow[],
  request: Omit<SummaryRequest, 'orderBy'> & { readonly sample: number },
  matches: (flow: Flow) => boolean = () => true,
  capacity?: number,
): SummaryResult {
  const summary = new EntrySummary({ ...request, orderBy: 'entries' }, capacity);
  const view = new EntryView();
  for (const flow of table.slice(0, request.sample).filter(matches)) summary.add(fill(view, flow));
  return summary.result({ size: request.sample, entries: table.length, exact: false, confidence: 0.95 });
}

function unit(random: Random): number {
  return random.below(2 ** 30) / 2 ** 30;
}

function port(random: Random): number {
  return random.chance(60) ? 443 : 1 + random.below(3_000);
}

function protocol(random: Random): number {
  return random.chance(70) ? 6 : random.chance(98) ? 17 : 1;
}
