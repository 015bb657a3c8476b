import type { EventGap, GapReason } from '../../domain/filter/entry-event.ts';

const DUMP = 'Read the current table (GET /api/v1/entries).';
const REMEDIES: Readonly<Record<GapReason, string>> = {
  kernel: `${DUMP} Request fewer event types (types=).`,
  client: `${DUMP} Read faster, or request fewer events (filter=, types=).`,
  resume: DUMP,
  namespace: 'Check that the namespace exists (GET /api/v1/namespaces), connect again, and read its table (GET /api/v1/entries).',
  malformed: `${DUMP} Report this with your kernel version.`,
};

/** @param dropped absent if unknown */
export function gapOf(reason: GapReason, dropped?: number): EventGap {
  return { reason, ...(dropped !== undefined && { dropped }), remedy: REMEDIES[reason] };
}

/** Events that a client has missed, until they are reported to it. */
export class GapAccount {
  private forClient = 0;
  private byKernel: number | 'unknown' = 0;

  get isEmpty(): boolean {
    return this.forClient === 0 && this.byKernel === 0;
  }

  /** An event that matched the client's request. */
  addDroppedForClient(): void {
    this.forClient += 1;
  }

  /** A gap in the messages of the kernel. @param dropped absent if unknown */
  addDroppedByKernel(dropped: number | undefined): void {
    this.byKernel = dropped === undefined || this.byKernel === 'unknown' ? 'unknown' : this.byKernel + dropped;
  }

  /** Returns all gaps and resets the counts. */
  drain(): readonly EventGap[] {
    const gaps: EventGap[] = [];
    if (this.forClient > 0) gaps.push(gapOf('client', this.forClient));
    if (this.byKernel !== 0) gaps.push(gapOf('kernel', this.byKernel === 'unknown' ? undefined : this.byKernel));
    this.forClient = 0;
    this.byKernel = 0;
    return gaps;
  }
}
