import type { EventGap, GapReason } from '../../domain/filter/entry-event.ts';

const DUMP = 'Read GET /api/v1/entries for the table as it is now.';
const REMEDIES: Readonly<Record<GapReason, string>> = {
  kernel: `${DUMP} Narrower types= make fewer events.`,
  client: `${DUMP} Read faster, or ask for less with filter= and types=.`,
  resume: DUMP,
  malformed: `${DUMP} Report this with the version of the kernel.`,
};

/** @param dropped absent where nobody knows */
export function gapOf(reason: GapReason, dropped?: number): EventGap {
  return { reason, ...(dropped !== undefined && { dropped }), remedy: REMEDIES[reason] };
}

/** What one client has missed and has not been told of yet. */
export class GapAccount {
  private own = 0;
  private kernels: number | 'unknown' = 0;

  get isEmpty(): boolean {
    return this.own === 0 && this.kernels === 0;
  }

  /** An event that it would have been shown. */
  addOwn(): void {
    this.own += 1;
  }

  /** A gap that the kernel made, and that the client would have been told of at its place. */
  addKernels(dropped: number | undefined): void {
    this.kernels = dropped === undefined || this.kernels === 'unknown' ? 'unknown' : this.kernels + dropped;
  }

  /** All of it, which is then forgotten. */
  settle(): readonly EventGap[] {
    const gaps: EventGap[] = [];
    if (this.own > 0) gaps.push(gapOf('client', this.own));
    if (this.kernels !== 0) gaps.push(gapOf('kernel', this.kernels === 'unknown' ? undefined : this.kernels));
    this.own = 0;
    this.kernels = 0;
    return gaps;
  }
}
