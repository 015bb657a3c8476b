import type { DumpActivity } from '../../domain/activity.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { Shares } from '../../application/shares.ts';

/** Limits how many dumps run at once, and counts them. */
export class DumpSlots {
  private readonly limit: number;
  private readonly shares: Shares;
  private running = 0;
  private ended = 0;
  private refused = 0;
  private lastSeconds: number | undefined;

  constructor(limit: number) {
    this.limit = limit;
    this.shares = new Shares(limit);
  }

  /**
   * @param isCounted whether it counts as a dump; reading a single entry only takes a slot
   * @param owner id of the token that the dump is for, which gets its share of the slots; absent: the service itself
   * @returns releases the slot
   * @throws ConntrackError `TOO_MANY_DUMPS`
   */
  take(isCounted: boolean, owner?: string): () => void {
    const { limit, shares } = this;
    if (this.running >= limit) throw this.refusal(`${String(limit)} dumps of the table are already running.`);
    if (shares.hasReached(owner)) {
      const share = `${String(shares.share)} of the ${String(limit)} dumps that run at once`;
      throw this.refusal(`This token already runs ${share}, which is its share.`);
    }
    const release = shares.take(owner);
    this.running += 1;
    const startedAt = performance.now();
    return () => {
      this.running -= 1;
      release();
      if (!isCounted) return;
      this.ended += 1;
      this.lastSeconds = (performance.now() - startedAt) / 1_000;
    };
  }

  activity(): DumpActivity {
    const { running, limit, ended, refused, lastSeconds } = this;
    return { running, limit, ended, refused, ...(lastSeconds !== undefined && { lastSeconds }) };
  }

  private refusal(message: string): ConntrackError {
    this.refused += 1;
    return new ConntrackError('TOO_MANY_DUMPS', message, { remedy: 'Wait until a dump has finished, or stop one.' });
  }
}
