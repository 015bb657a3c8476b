import type { Capability, HostCapabilities } from '../../domain/capabilities.ts';
import type { LiveSettings } from '../../domain/setting.ts';
import type { TableReading } from '../../domain/table.ts';
import { through, type Finding } from '../capability-check.ts';
import { CTNETLINK } from '../ctnetlink-access.ts';

const NO_EVENTS = 'The setting events is 0, so the kernel sends no events.';
const HOST_ONLY = 'Change it without a network namespace.';

/** What of a host's capabilities is available in a named network namespace. @param table its reading */
export function capabilitiesIn(live: LiveSettings, table: TableReading, host: HostCapabilities): HostCapabilities {
  // Both need ctnetlink alone. The finding about events also depends on a setting of the host's own namespace.
  const overNetlink = host.capabilities.find(({ name }) => name === 'entries.delete');
  return {
    ...host,
    namespace: 'child',
    ...(live.notPersistable !== undefined && { notPersistable: live.notPersistable }),
    capabilities: host.capabilities.map((capability) => ({ name: capability.name, ...findingIn(live, table, capability, overNetlink) })),
  };
}

function findingIn(live: LiveSettings, { unavailable }: TableReading, { name, ...onHost }: Capability, overNetlink = onHost): Finding {
  const setting = (wanted: string): LiveSettings['settings'][number] | undefined => live.settings.find((each) => each.name === wanted);
  switch (name) {
    case 'table.count': {
      const missing = unavailable.find(({ field }) => field === 'count');
      return missing
        ? { available: false, reason: missing.detail, ...(missing.remedy !== undefined && { remedy: missing.remedy }) }
        : through('setns');
    }
    case 'settings.write': {
      const refused = live.settings.find(({ scope, writable }) => scope === 'namespace' && !writable)?.notWritable;
      const isAvailable = live.settings.some(({ writable }) => writable);
      return isAvailable ? through('setns') : { available: false, reason: `${refused ?? 'No setting can be written'}.` };
    }
    case 'buckets.write':
      return {
        available: false,
        reason: `${setting('buckets')?.notWritable ?? 'This kernel has no buckets to write'}.`,
        remedy: HOST_ONLY,
      };
    case 'counters':
    case 'entries':
    case 'entries.filter':
    case 'entries.delete':
    case 'entries.update':
      return overCtnetlink(onHost);
    case 'events':
      if (setting('events')?.value === 0) return { available: false, reason: NO_EVENTS, remedy: 'Set events to 1 (PATCH /settings).' };
      return { available: overNetlink.available, ...(overNetlink.available ? { via: CTNETLINK } : { reason: overNetlink.reason ?? '' }) };
    default:
      return onHost;
  }
}

/** The text files of another network namespace cannot be read. */
function overCtnetlink(onHost: Finding): Finding {
  if (!onHost.available || onHost.via === CTNETLINK) return onHost;
  return {
    available: false,
    reason: `In another network namespace this needs ctnetlink; on the host it is read from ${onHost.via ?? 'files'}.`,
  };
}
