import { Injectable } from '@nestjs/common';
import type { ChangeKind, OutcomeName } from '../../domain/change.ts';
import { Journal, type JournalHead } from '../ports/journal.ts';

export interface ChangeTally {
  readonly kind: ChangeKind;
  readonly outcome: OutcomeName;
  readonly changes: number;
}

/** A few milliseconds of work, between which the process does its other work. */
const CHANGES_PER_STEP = 500;

type Counts = Map<string, ChangeTally>;

/**
 * How many changes of each kind ended how. Looks at each change once: the first time is slow with a long journal, and a journal that has
 * not moved costs a look at its head.
 */
@Injectable()
export class CountChanges {
  /** Of the changes up to `through`, which all have their outcome. */
  private settled: Counts = new Map();
  private through = 0;
  private head: JournalHead = { sequence: 0, hash: '' };
  private tallies: readonly ChangeTally[] = [];
  private running: Promise<readonly ChangeTally[]> | undefined;

  constructor(private readonly journal: Journal) {}

  /** @throws ConntrackError `JOURNAL_UNAVAILABLE` */
  run(): Promise<readonly ChangeTally[]> {
    this.running ??= this.count().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async count(): Promise<readonly ChangeTally[]> {
    const head = this.journal.head();
    if (head.hash === this.head.hash) return this.tallies;
    if (head.sequence < this.head.sequence) this.forget();
    const open = await this.advance();
    this.head = head;
    this.tallies = [...merged(this.settled, open).values()];
    return this.tallies;
  }

  /** Gives the counts of the first change without outcome and those after it, which are looked at again the next time. */
  private async advance(): Promise<Counts> {
    const unsettled: Counts = new Map();
    let isSettled = true;
    let last = this.through;
    for (;;) {
      const page = this.journal.ends(last, CHANGES_PER_STEP);
      for (const { id, kind, outcome } of page) {
        isSettled &&= outcome !== 'pending';
        add(isSettled ? this.settled : unsettled, { kind, outcome, changes: 1 });
        if (isSettled) this.through = id;
        last = id;
      }
      if (page.length < CHANGES_PER_STEP) return unsettled;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Another journal has taken the place of the one that was counted. */
  private forget(): void {
    this.settled = new Map();
    this.through = 0;
  }
}

function merged(one: Counts, other: Counts): Counts {
  const sum = new Map(one);
  for (const tally of other.values()) add(sum, tally);
  return sum;
}

function add(counts: Counts, { kind, outcome, changes }: ChangeTally): void {
  const key = `${kind} ${outcome}`;
  counts.set(key, { kind, outcome, changes: (counts.get(key)?.changes ?? 0) + changes });
}
