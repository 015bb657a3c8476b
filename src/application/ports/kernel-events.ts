import type { EventActivity } from '../../domain/activity.ts';
import type { EventRequest } from '../../domain/filter/entry-event.ts';

/** What happens to the entries, as the kernel tells it. The kernel is listened to only while somebody asks, and a little longer. */
export abstract class KernelEvents {
  /**
   * Server-sent events (text/event-stream), encoded, until the client leaves or the service stops: `ready` first, then an event for each
   * change that matches, `gap` where some are missing, `end` last. Memory is bounded however slowly they are taken; a chunk is valid until the next
   * is asked for. Returning early from the
   * iteration frees all that belongs to it at once.
   *
   * @throws ConntrackError `CONNTRACK_NOT_LOADED`; `NOT_SUPPORTED_HERE` where this kernel has no such events; `KERNEL_UNREADABLE` where it
   *   refuses to tell them; `TOO_MANY_DUMPS` where too many clients listen. Never once the iteration has begun.
   */
  abstract listen(request: EventRequest): Promise<AsyncIterableIterator<Uint8Array, undefined>>;

  abstract activity(): EventActivity;

  /** Ends every stream with an `end` event, and the listening. */
  abstract close(): Promise<void>;
}
