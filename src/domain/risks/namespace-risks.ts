import type { HostEntries } from '../host-entries.ts';
import { risk, type Risk } from './risk.ts';

const NAMED_MAX = 5;

/** One sentence about the named network namespaces that have more entries than the new maximum; none if there are none. */
export function namespacesBelow(max: number, host: HostEntries | undefined): string[] {
  const over = (host?.namespaces ?? []).filter(({ count }) => count > max);
  if (over.length === 0) return [];
  const named = over.slice(0, NAMED_MAX).map(({ name, count }) => `${name} (${count} entries)`);
  const more = over.length > NAMED_MAX ? ` and ${over.length - NAMED_MAX} more` : '';
  const [subject, verb] = over.length === 1 ? ['Network namespace', 'has'] : ['Network namespaces', 'have'];
  return [
    `${subject} ${named.join(', ')}${more} ${verb} more than the new maximum, which applies to each namespace: no new flow is accepted there until enough have expired.`,
  ];
}

/** max applies to each network namespace, and one that cannot be read separately may have more entries. */
export function namespacesUnknown(max: number, host: HostEntries | undefined): Risk[] {
  if (!host) return [];
  const { elsewhere, basis } = host;
  const remedy = 'Start the service with --namespaces to count each named network namespace.';
  if (elsewhere === undefined) {
    const known = basis === 'namespaces' ? 'network namespaces without a name' : 'other network namespaces';
    const message = `max applies to each network namespace, and the entries of ${known} cannot be read.`;
    return [risk('MAX_BELOW_COUNT_UNKNOWN', 'warning', 'max', `${message}${basis === 'namespaces' ? '' : ` ${remedy}`}`)];
  }
  if (elsewhere <= max) return [];
  const message = `About ${elsewhere} entries are in network namespaces that are not read separately. One that has more than ${max} accepts no new flow until enough have expired. ${remedy}`;
  return [risk('MAX_BELOW_COUNT_UNKNOWN', 'acknowledge', 'max', message)];
}
