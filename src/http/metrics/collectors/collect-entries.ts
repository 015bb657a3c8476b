import type { KernelEvents } from '../../../application/ports/kernel-events.ts';
import type { KernelEntries } from '../../../application/ports/kernel.ts';
import { complete, counter, gauge, labelled, type Collected } from '../family.ts';

export function collectDumps(entries: KernelEntries): Promise<Collected> {
  const { running, limit, ended, refused, lastSeconds } = entries.activity();
  return Promise.resolve(
    complete(
      gauge('conntrack_api_dumps_running', 'Passes over the table under way.', running),
      gauge('conntrack_api_dumps_limit', 'Passes over the table that may be under way at once.', limit),
      counter('conntrack_api_dumps_total', 'Passes over the table that have ended since the service started, however they did.', ended),
      counter('conntrack_api_dumps_refused_total', 'Requests refused because as many passes as may were under way.', refused),
      gauge(
        'conntrack_api_last_dump_duration_seconds',
        'How long the last pass over the table took; absent before the first.',
        lastSeconds,
      ),
    ),
  );
}

export function collectEvents(events: KernelEvents): Promise<Collected> {
  const { clients, limit, overruns, droppedByKernel, droppedForClients } = events.activity();
  return Promise.resolve(
    complete(
      gauge('conntrack_api_event_clients', 'Clients that listen to events.', clients),
      gauge('conntrack_api_event_clients_limit', 'Clients that may listen to events at once.', limit),
      counter('conntrack_api_event_overruns_total', 'Times that the kernel dropped events: its buffer for the service was full.', overruns),
      labelled(
        'counter',
        'conntrack_api_events_dropped_total',
        'Events that were lost: by the kernel, as far as it says how many; for a client that read too slowly, counted for each client.',
        [
          { labels: { by: 'kernel' }, value: droppedByKernel },
          { labels: { by: 'client' }, value: droppedForClients },
        ],
      ),
    ),
  );
}
