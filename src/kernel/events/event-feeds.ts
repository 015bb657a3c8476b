import { tooMany } from './event-errors.ts';
import { EventFeed } from './event-feed.ts';
import type { EventLosses } from './event-losses.ts';
import type { EventOptions } from './event-options.ts';

/** One feed for each network namespace that has clients. */
export class EventFeeds {
  private readonly options: EventOptions;
  private readonly losses: EventLosses;
  /** By path. The empty path is the namespace of the service. */
  private readonly byPath = new Map<string, EventFeed>();

  constructor(options: EventOptions, losses: EventLosses) {
    this.options = options;
    this.losses = losses;
  }

  /** @param path path of a network namespace; absent: that of the service. @throws ConntrackError `TOO_MANY_DUMPS` */
  of(path: string | undefined): EventFeed {
    const found = this.byPath.get(path ?? '');
    if (found?.isAlive === true) return found;
    this.makeRoom();
    const feed = new EventFeed(this.options, this.options.graceMilliseconds, this.losses, path);
    this.byPath.set(path ?? '', feed);
    return feed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.byPath.values()].map((feed) => feed.close()));
  }

  /** Closes idle feeds if the limit is reached. */
  private makeRoom(): void {
    const { maxFeeds } = this.options;
    for (const [path, feed] of this.byPath) {
      if (feed.isAlive && this.byPath.size < maxFeeds) continue;
      if (feed.isAlive && !feed.isIdle) continue;
      void feed.close();
      this.byPath.delete(path);
    }
    if (this.byPath.size >= maxFeeds) throw tooMany(`Events of ${String(maxFeeds)} network namespaces are already in use.`);
  }
}
