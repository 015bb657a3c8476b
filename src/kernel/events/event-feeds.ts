import type { NamedNamespaces, NamespacePlace } from '../named-namespaces.ts';
import { tooMany } from './event-errors.ts';
import { EventFeed } from './event-feed.ts';
import type { EventLosses } from './event-losses.ts';
import type { EventOptions } from './event-options.ts';
import { NamespaceWatch } from './namespace-watch.ts';

/**
 * One feed for each network namespace that has clients. A feed keeps its namespace alive, so it ends as soon as the namespace has none of the
 * names any more by which clients have requested it.
 */
export class EventFeeds {
  private readonly options: EventOptions;
  private readonly losses: EventLosses;
  private readonly namespaces: Pick<NamedNamespaces, 'identityOf'>;
  /** By identity of the namespace. The empty identity is the namespace of the service. */
  private readonly feeds = new Map<string, EventFeed>();
  private readonly watch = new NamespaceWatch(() => {
    this.checks = this.checks.then(() => this.check());
  });
  private checks: Promise<void> = Promise.resolve();

  constructor(options: EventOptions, losses: EventLosses, namespaces: Pick<NamedNamespaces, 'identityOf'>) {
    this.options = options;
    this.losses = losses;
    this.namespaces = namespaces;
  }

  /** @param place a network namespace; absent: that of the service. @throws ConntrackError `TOO_MANY_DUMPS` */
  of(place: NamespacePlace | undefined): EventFeed {
    if (place) this.settle(place.name, place.identity);
    const feed = this.aliveFeed(place);
    if (place) {
      feed.addName(place.name);
      this.watch.start();
    }
    return feed;
  }

  async close(): Promise<void> {
    this.watch.stop();
    await Promise.all([...this.feeds.values()].map((feed) => feed.close()));
  }

  private aliveFeed(place: NamespacePlace | undefined): EventFeed {
    const key = place?.identity ?? '';
    const found = this.feeds.get(key);
    if (found?.isAlive === true) return found;
    this.makeRoom();
    const feed = new EventFeed(this.options, this.options.graceMilliseconds, this.losses, place);
    this.feeds.set(key, feed);
    return feed;
  }

  /** Compares each name in use with the namespace that has it now. */
  private async check(): Promise<void> {
    const names = new Set([...this.feeds.values()].filter(({ isAlive }) => isAlive).flatMap(({ currentNames }) => currentNames));
    if (names.size === 0) this.watch.stop();
    for (const name of names) {
      try {
        this.settle(name, await this.namespaces.identityOf(name));
      } catch {
        // The name cannot be read now: the next check decides.
      }
    }
  }

  /** @param identity of the namespace that has this name now; `undefined` if there is none */
  private settle(name: string, identity: string | undefined): void {
    for (const [key, feed] of this.feeds) {
      if (feed.identity === identity || !feed.currentNames.includes(name)) continue;
      const event = identity === undefined ? 'was deleted' : 'was replaced by another of the same name';
      feed.loseName(name, `The network namespace ${event}.`);
      if (feed.currentNames.length > 0) continue;
      this.feeds.delete(key);
      void feed.close();
    }
  }

  /** Closes idle feeds if the limit is reached. */
  private makeRoom(): void {
    const { maxFeeds } = this.options;
    for (const [key, feed] of this.feeds) {
      if (feed.isAlive && this.feeds.size < maxFeeds) continue;
      if (feed.isAlive && !feed.isIdle) continue;
      void feed.close();
      this.feeds.delete(key);
    }
    if (this.feeds.size >= maxFeeds) throw tooMany(`Events of ${String(maxFeeds)} network namespaces are already in use.`);
  }
}
