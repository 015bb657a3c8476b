import type { Sample, SummaryRequest, SummaryResult } from '../../../domain/entry-summary.ts';
import { estimateSummary } from '../../../domain/sampling/estimate-summary.ts';
import type { EntryView, TupleView } from '../entry-view.ts';
import { arraysOf } from './counters.ts';
import { describeSums, EntrySums, plain, RunningSums, type Sums } from './sums.ts';
import { type CountedTimeouts, TimeoutHistogram } from './timeout-histogram.ts';
import { type CountedKeys, type MayAllocate, TopKeys } from './top-keys.ts';

/** Distinct keys that are counted exactly. Takes at most about 5 MiB for a key of one address, 6 MiB for pairs. */
const CAPACITY = 65_536;
const TWO_32 = 4_294_967_296;

/** What was counted in a part of the table. Plain data, because it is sent between threads. */
export interface CountedPart {
  readonly total: Sums;
  readonly timeouts: CountedTimeouts;
  /** In the requested order. */
  readonly keys: readonly CountedKeys[];
}

/** The memory of a part, which moves to the thread that it is sent to. */
export function buffersOf({ timeouts, keys }: CountedPart): readonly ArrayBuffer[] {
  const arrays = [timeouts.counts, ...keys.flatMap(({ words, counters }) => [words, ...arraysOf(counters)])];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

/** Counts entries by several keys in one pass. Its memory depends on the request only; it creates no object for an entry. */
export class EntrySummary {
  private readonly request: SummaryRequest;
  private readonly keys: readonly TopKeys[];
  private readonly total = new RunningSums();
  private readonly timeouts = new TimeoutHistogram();
  private readonly entry = new EntrySums();

  /**
   * @param capacity distinct keys that are counted exactly
   * @param mayAllocate asked before a key gets more counters
   */
  constructor(request: SummaryRequest, capacity = CAPACITY, mayAllocate: MayAllocate = () => true) {
    this.request = request;
    const mayGrow: MayAllocate = (bytes) => mayAllocate(this.keys.reduce((sum, { unusedBytes }) => sum + unusedBytes, bytes));
    this.keys = request.by.map((key) => new TopKeys(key, request.orderBy, capacity, mayGrow));
  }

  add(view: EntryView): void {
    const { entry, keys } = this;
    entry.counted = 0;
    entry.packets = 0;
    entry.bytes = 0;
    this.addCounters(view.original);
    this.addCounters(view.reply);
    entry.weight = this.weigh();
    this.total.add(entry);
    this.timeouts.add(view.timeout);
    for (let at = 0; at < keys.length; at += 1) (keys[at] as TopKeys).add(view, entry);
  }

  /** Nothing can be added after its buffers are sent. */
  counted(): CountedPart {
    const { total, timeouts, keys } = this;
    return {
      total: plain(total),
      timeouts: { counts: timeouts.counts, without: timeouts.without },
      keys: keys.map((key) => key.counted()),
    };
  }

  /** Adds what was counted, with the same request, in a part of the table that has no entry in common. No entry can be added afterwards. */
  merge({ total, timeouts, keys }: CountedPart): void {
    this.total.add(total);
    this.timeouts.merge(timeouts);
    for (const [at, key] of keys.entries()) this.keys[at]?.merge(key);
  }

  /** @param sample what was read, if that was a sample */
  result(sample?: Sample): SummaryResult {
    const { request, keys, total, timeouts } = this;
    const result: SummaryResult = {
      ...describeSums(total),
      orderBy: request.orderBy,
      withCounters: total.counted,
      keys: keys.map((key) => key.result(request.top, total)),
      timeouts: timeouts.bins(),
      withoutTimeout: timeouts.without,
    };
    if (!sample) return result;
    const unread = sample.entries - sample.size;
    return estimateSummary(
      result,
      sample,
      keys.map((key) => key.likelyKeys(unread)),
    );
  }

  private weigh(): number {
    const { entry } = this;
    switch (this.request.orderBy) {
      case 'entries':
        return 1;
      case 'packets':
        return entry.packets;
      case 'bytes':
        return entry.bytes;
    }
  }

  private addCounters(tuple: TupleView): void {
    if (!tuple.hasCounters) return;
    const { entry } = this;
    entry.counted = 1;
    entry.packets += (tuple.packetsHigh >>> 0) * TWO_32 + (tuple.packetsLow >>> 0);
    entry.bytes += (tuple.bytesHigh >>> 0) * TWO_32 + (tuple.bytesLow >>> 0);
  }
}
