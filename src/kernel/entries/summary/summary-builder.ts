import type { SummaryRequest, SummaryResult } from '../../../domain/entry-summary.ts';
import type { EntryView, TupleView } from '../entry-view.ts';
import { describeSums, EntrySums, RunningSums } from './sums.ts';
import { TimeoutHistogram } from './timeout-histogram.ts';
import { type MayAllocate, TopKeys } from './top-keys.ts';

/** Distinct keys that are counted exactly. Takes at most about 5 MiB for a key of one address, 6 MiB for pairs. */
const CAPACITY = 65_536;
const TWO_32 = 4_294_967_296;

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
    this.keys = request.by.map((key) => new TopKeys(key, request.orderBy, capacity, mayAllocate));
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

  result(): SummaryResult {
    const { request, keys, total, timeouts } = this;
    return {
      ...describeSums(total),
      orderBy: request.orderBy,
      withCounters: total.counted,
      keys: keys.map((key) => key.result(request.top, total)),
      timeouts: timeouts.bins(),
      withoutTimeout: timeouts.without,
    };
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
