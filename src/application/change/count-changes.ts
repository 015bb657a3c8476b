import { Injectable } from '@nestjs/common';
import { Journal, type ChangeTally, type JournalHead } from '../ports/journal.ts';

/** Takes a few milliseconds. Between two steps the event loop does other work. */
const CHANGES_PER_STEP = 500;

type Counts = Map<string, ChangeTally>;

/**
 * Counts changes by kind and outcome. Reads each change once: the first run is slow with a long journal, and a run over an unchanged journal
 * reads its head only.
 */
@Injectable()
export class CountChanges {
  /** Counts of the changes up to `through`, all of which have an outcome. */
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
    this.skipArchived();
    const open = await this.advance();
    this.head = head;
    this.tallies = [...merged(this.settled, open).values()];
    return this.tallies;
  }

  /** @returns the counts of the first change without an outcome and all later ones, which the next run reads again */
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

  private skipArchived(): void {
    const archived = this.journal.archived();
    if (!archived || archived.change <= this.through) return;
    this.settled = new Map();
    for (const tally of archived.counts) add(this.settled, tally);
    this.through = archived.change;
  }

  /** The journal was replaced by another one. */
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
