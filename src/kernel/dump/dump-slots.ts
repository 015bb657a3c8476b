import type { DumpActivity } from '../../domain/activity.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';

/** How many dumps may be under way at once, and an account of them. */
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
   * @param isCounted whether it is a dump: looking for one entry takes a place too
   * @returns what to call when it is over
   * @throws ConntrackError `TOO_MANY_DUMPS`
   */
  take(isCounted: boolean): () => void {
    if (this.running >= this.limit) {
      this.refused += 1;
      const remedy = 'Wait for one to finish, or end one.';
      throw new ConntrackError('TOO_MANY_DUMPS', `Already ${String(this.limit)} dumps of the table are under way.`, { remedy });
    }
    this.running += 1;
    const begun = performance.now();
    return () => {
      this.running -= 1;
      if (!isCounted) return;
      this.ended += 1;
      this.lastSeconds = (performance.now() - begun) / 1_000;
    };
  }

  activity(): DumpActivity {
    const { running, limit, ended, refused, lastSeconds } = this;
    return { running, limit, ended, refused, ...(lastSeconds !== undefined && { lastSeconds }) };
  }
}
