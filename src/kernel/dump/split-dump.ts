import { allOf, notOf } from '../../domain/filter/common-filter.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { pushDown } from '../netlink/push-down.ts';

const IPV4: Filter = { kind: 'test', test: { field: 'family', family: 'ipv4' } };
const IPV6: Filter = { kind: 'test', test: { field: 'family', family: 'ipv6' } };
const TRANSLATED: Filter = { kind: 'test', test: { field: 'nat', nat: 'source' } };

/**
 * Filters that select disjoint parts, together what `filter` selects, each of which the kernel can tell by what does not change while an
 * entry lives. By family, where the kernel then takes a port or protocol, which it does not without one. By translation of the source,
 * which is decided before an entry is confirmed, where all of the table is to be read and a second thread can read half of it: where the
 * kernel leaves out most of it anyway, a second walk costs more than it gains. `isPrefiltered` tells whether the kernel leaves out what cannot
 * match, all parts together.
 */
export function splitDump(filter: Filter, threads: number): { readonly parts: readonly Filter[]; readonly isPrefiltered: boolean } {
  const pushed = Object.keys(pushDown(filter));
  if (!pushed.includes('family')) {
    const withFamily = pushDown(allOf(filter, IPV4));
    if (withFamily.protocol !== undefined || withFamily.original || withFamily.reply) {
      return { parts: [allOf(filter, IPV4), allOf(filter, IPV6)], isPrefiltered: true };
    }
  }
  if (pushed.length > 0 || threads === 1) return undivided(filter);
  return { parts: [allOf(filter, TRANSLATED), allOf(filter, notOf(TRANSLATED))], isPrefiltered: false };
}

/** The same for a pass whose parts could not be put together. */
export function undivided(filter: Filter): ReturnType<typeof splitDump> {
  return { parts: [filter], isPrefiltered: Object.keys(pushDown(filter)).length > 0 };
}
