import type { KernelTable } from '../../../application/ports/kernel.ts';
import { RunningTotals } from '../../../domain/counters/running-totals.ts';
import { complete, gauge, labelled, type Collected, type Family } from '../family.ts';

/** The help texts of node_exporter, by the kernel's column name. */
const NODE_EXPORTER: readonly (readonly [column: string, help: string])[] = [
  ['found', 'Number of searched entries which were successful.'],
  ['invalid', 'Number of packets seen which can not be tracked.'],
  ['ignore', 'Number of packets seen which are already connected to a conntrack entry.'],
  ['insert', 'Number of entries inserted into the list.'],
  ['insert_failed', 'Number of entries for which list insertion was attempted but failed.'],
  ['drop', 'Number of packets dropped due to conntrack failure.'],
  ['early_drop', 'Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.'],
  ['search_restart', 'Number of conntrack table lookups which had to be restarted due to hashtable resizes.'],
];

/** Columns that conntrack(8) calls by another name. */
const CONNTRACK_NAMES: Readonly<Record<string, string>> = { clashres: 'clash_resolve', chainlength: 'chaintoolong' };
const TOTALS_HELP = 'Events counted by the kernel in the network namespace of the service, corrected for wraps of the 32-bit counters.';

/** The kernel's event counters: raw under node_exporter's names, and corrected for wraps as `conntrack_api_stat_total`. */
export class CounterCollector {
  private readonly totals = new RunningTotals();

  constructor(private readonly kernel: KernelTable) {}

  async collect(): Promise<Collected> {
    const reading = await this.kernel.counters();
    const sums = sum(reading.perCpu);
    const totals = [...this.totals.add(reading)].map(([column, value]) => ({
      labels: { counter: CONNTRACK_NAMES[column] ?? column },
      value,
    }));
    return complete(...nodeExporters(sums), labelled('counter', 'conntrack_api_stat_total', TOTALS_HELP, totals));
  }
}

function nodeExporters(sums: ReadonlyMap<string, number>): readonly Family[] {
  return NODE_EXPORTER.map(([column, help]) => gauge(`node_nf_conntrack_stat_${column}`, help, sums.get(column)));
}

function sum(perCpu: readonly Readonly<Record<string, number>>[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const counters of perCpu) for (const [name, value] of Object.entries(counters)) sums.set(name, (sums.get(name) ?? 0) + value);
  return sums;
}
