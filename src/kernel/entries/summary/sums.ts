import type { SummarySums } from '../../../domain/entry-summary.ts';

/** Sums of entries and of their counters. */
export interface Sums {
  readonly entries: number;
  /** Entries that have counters. */
  readonly counted: number;
  readonly packets: number;
  readonly bytes: number;
}

/** The sums of one entry. Reused for the next entry. */
export class EntrySums implements Sums {
  readonly entries = 1;
  counted = 0;
  packets = 0;
  bytes = 0;
  /** The value that rows are ordered by. */
  weight = 0;
}

export class RunningSums implements Sums {
  entries = 0;
  counted = 0;
  packets = 0;
  bytes = 0;

  add(sums: Sums): void {
    this.entries += sums.entries;
    this.counted += sums.counted;
    this.packets += sums.packets;
    this.bytes += sums.bytes;
  }
}

/** Plain data, to be sent between threads. */
export function plain({ entries, counted, packets, bytes }: Sums): Sums {
  return { entries, counted, packets, bytes };
}

/** The whole without the parts. */
export function remainder(whole: Sums, parts: readonly Sums[]): Sums {
  const taken = new RunningSums();
  for (const part of parts) taken.add(part);
  const less = (name: keyof Sums): number => Math.max(0, whole[name] - taken[name]);
  return { entries: less('entries'), counted: less('counted'), packets: less('packets'), bytes: less('bytes') };
}

export function describeSums({ entries, counted, packets, bytes }: Sums): SummarySums {
  return counted === 0 ? { entries } : { entries, packets: decimal(packets), bytes: decimal(bytes) };
}

/** Decimal text without an exponent. */
function decimal(value: number): string {
  return BigInt(value).toString();
}
