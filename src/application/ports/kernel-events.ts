import type { EventActivity } from '../../domain/activity.ts';
import type { EventRequest } from '../../domain/filter/entry-event.ts';

/** Events of entries, as the kernel reports them. The kernel's multicast groups are joined only while a client listens, and briefly after. */
export abstract class KernelEvents {
  /**
   * Encoded server-sent events (text/event-stream), until the client disconnects or the service stops: `ready` first, then an event for each
   * matching change, `gap` where events are missing, `end` last. Memory is bounded however slowly they are consumed. A chunk is valid until
   * the next one is requested. Returning early from the iteration frees its resources at once.
   *
   * @throws ConntrackError `CONNTRACK_NOT_LOADED`; `NOT_SUPPORTED_HERE` where this kernel has no such events; `KERNEL_UNREADABLE` where it
   *   refuses to report them; `TOO_MANY_DUMPS` where too many clients listen. Never throws once the iteration has begun.
   */
  abstract listen(request: EventRequest): Promise<AsyncIterableIterator<Uint8Array, undefined>>;

  abstract activity(): EventActivity;

  /** Ends every stream with an `end` event, then leaves the kernel's multicast groups. */
  abstract close(): Promise<void>;
}
