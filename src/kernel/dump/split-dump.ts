import { allOf, notOf } from '../../domain/filter/common-filter.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { pushDown } from '../netlink/push-down.ts';

const IPV4: Filter = { kind: 'test', test: { field: 'family', family: 'ipv4' } };
const IPV6: Filter = { kind: 'test', test: { field: 'family', family: 'ipv6' } };
const TRANSLATED: Filter = { kind: 'test', test: { field: 'nat', nat: 'source' } };

/**
 * Splits a dump into disjoint parts that together select what `filter` selects. The kernel filters each part by a property that does not
 * change during the life of an entry.
 *
 * - By family, if the kernel then accepts a port or protocol, which it ignores without a family.
 * - By source NAT, which is decided before an entry is confirmed, if the whole table has to be read and a second worker can read half of
 *   it. If the kernel leaves out most entries anyway, a second walk costs more than it gains.
 *
 * `isPrefiltered` is whether the kernel leaves out entries that cannot match, in all parts together.
 */
export function splitDump(filter: Filter, workers: number): { readonly parts: readonly Filter[]; readonly isPrefiltered: boolean } {
  const pushed = Object.keys(pushDown(filter));
  if (!pushed.includes('family')) {
    const withFamily = pushDown(allOf(filter, IPV4));
    if (withFamily.protocol !== undefined || withFamily.original || withFamily.reply) {
      return { parts: [allOf(filter, IPV4), allOf(filter, IPV6)], isPrefiltered: true };
    }
  }
  if (pushed.length > 0 || workers === 1) return unsplit(filter);
  return { parts: [allOf(filter, TRANSLATED), allOf(filter, notOf(TRANSLATED))], isPrefiltered: false };
}

/** The same for a pass whose results cannot be merged: always one part. */
export function unsplit(filter: Filter): ReturnType<typeof splitDump> {
  return { parts: [filter], isPrefiltered: Object.keys(pushDown(filter)).length > 0 };
}
