import type { CounterReading } from '../table.ts';

type Counters = Readonly<Record<string, number>>;

const WRAP = 2 ** 32;

/**
 * The kernel's counters, summed over all CPUs, as totals that never decrease (the kernel's have 32 bits per CPU and wrap). Starts with what the
 * kernel has counted so far. A counter must not advance by 2^31 or more between two readings.
 */
export class RunningTotals {
  private before: readonly Counters[] = [];
  private readonly totals = new Map<string, number>();

  /** @returns the totals of the counters that this reading has */
  add({ perCpu }: Pick<CounterReading, 'perCpu'>): ReadonlyMap<string, number> {
    const names = new Set(perCpu.flatMap((counters) => Object.keys(counters)));
    for (const [cpu, counters] of perCpu.entries()) this.addCpu(this.before[cpu] ?? {}, counters);
    this.before = perCpu;
    return new Map([...this.totals].filter(([name]) => names.has(name)));
  }

  private addCpu(before: Counters, counters: Counters): void {
    for (const [name, value] of Object.entries(counters)) {
      this.totals.set(name, (this.totals.get(name) ?? 0) + advance(before[name] ?? 0, value));
    }
  }
}

/** A counter that decreased has wrapped if that means an advance below 2^31; otherwise it restarted at zero (the module was loaded again). */
function advance(before: number, after: number): number {
  if (after >= before) return after - before;
  const wrapped = after - before + WRAP;
  return wrapped < WRAP / 2 ? wrapped : after;
}
