import type { KernelEvents } from '../../../application/ports/kernel-events.ts';
import type { KernelEntries } from '../../../application/ports/kernel.ts';
import { complete, counter, gauge, labelled, type Collected } from '../family.ts';

export function collectDumps(entries: KernelEntries): Promise<Collected> {
  const { running, limit, ended, refused, lastSeconds } = entries.activity();
  return Promise.resolve(
    complete(
      gauge('conntrack_api_dumps_running', 'Dumps of the table that are running.', running),
      gauge('conntrack_api_dumps_limit', 'Maximum number of concurrent dumps.', limit),
      counter('conntrack_api_dumps_total', 'Dumps that ended since the service started, whatever their outcome.', ended),
      counter('conntrack_api_dumps_refused_total', 'Requests refused because the maximum number of dumps was running.', refused),
      gauge('conntrack_api_last_dump_duration_seconds', 'Duration of the last dump in seconds. Absent before the first.', lastSeconds),
    ),
  );
}

export function collectEvents(events: KernelEvents): Promise<Collected> {
  const { clients, limit, overruns, droppedByKernel, droppedForClients } = events.activity();
  return Promise.resolve(
    complete(
      gauge('conntrack_api_event_clients', 'Clients that are subscribed to events.', clients),
      gauge('conntrack_api_event_clients_limit', 'Maximum number of clients subscribed to events.', limit),
      counter(
        'conntrack_api_event_overruns_total',
        'Times that the kernel dropped events because the socket buffer of the service was full.',
        overruns,
      ),
      labelled(
        'counter',
        'conntrack_api_events_dropped_total',
        'Lost events. by="kernel": dropped by the kernel, if it reports how many. by="client": dropped for clients that read too slowly, counted for each client.',
        [
          { labels: { by: 'kernel' }, value: droppedByKernel },
          { labels: { by: 'client' }, value: droppedForClients },
        ],
      ),
    ),
  );
}
