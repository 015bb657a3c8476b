import { tooMany } from './event-errors.ts';
import { EventFeed } from './event-feed.ts';
import type { EventLosses } from './event-losses.ts';
import type { EventOptions } from './event-options.ts';

/** The network namespaces that are listened to, a feed each. */
export class EventFeeds {
  private readonly options: EventOptions;
  private readonly losses: EventLosses;
  /** By path; the empty one is the service's own namespace. */
  private readonly byPath = new Map<string, EventFeed>();

  constructor(options: EventOptions, losses: EventLosses) {
    this.options = options;
    this.losses = losses;
  }

  /** @param path of a network namespace; absent: the service's own. @throws ConntrackError `TOO_MANY_DUMPS` */
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

  /** One that nobody listens to any more gives way. */
  private makeRoom(): void {
    const { maxFeeds } = this.options;
    for (const [path, feed] of this.byPath) {
      if (feed.isAlive && this.byPath.size < maxFeeds) continue;
      if (feed.isAlive && !feed.isIdle) continue;
      void feed.close();
      this.byPath.delete(path);
    }
    if (this.byPath.size >= maxFeeds) throw tooMany(`Already ${String(maxFeeds)} network namespaces are being listened to.`);
  }
}
