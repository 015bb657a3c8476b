import type { DumpActivity } from '../../domain/activity.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';

/** Limits how many dumps run at once, and counts them. */
export class DumpSlots {
  private readonly limit: number;
  private running = 0;
  private ended = 0;
  private refused = 0;
  private lastSeconds: number | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * @param isCounted whether it counts as a dump; reading a single entry only takes a slot
   * @returns releases the slot
   * @throws ConntrackError `TOO_MANY_DUMPS`
   */
  take(isCounted: boolean): () => void {
    if (this.running >= this.limit) {
      this.refused += 1;
      const remedy = 'Wait until a dump has finished, or stop one.';
      throw new ConntrackError('TOO_MANY_DUMPS', `${String(this.limit)} dumps of the table are already running.`, { remedy });
    }
    this.running += 1;
    const startedAt = performance.now();
    return () => {
      this.running -= 1;
      if (!isCounted) return;
      this.ended += 1;
      this.lastSeconds = (performance.now() - startedAt) / 1_000;
    };
  }

  activity(): DumpActivity {
    const { running, limit, ended, refused, lastSeconds } = this;
    return { running, limit, ended, refused, ...(lastSeconds !== undefined && { lastSeconds }) };
  }
}
