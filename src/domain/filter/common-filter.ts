import { EVERY_ENTRY, type Filter } from './filter.ts';

/** What all of the filters select; without any, every entry. Conjunctions within are opened. */
export function allOf(...filters: readonly (Filter | undefined)[]): Filter {
  const of = filters.flatMap((filter) => (filter === undefined ? [] : filter.kind === 'all' ? filter.of : [filter]));
  return only(of) ?? (of.length === 0 ? EVERY_ENTRY : { kind: 'all', of });
}

/** What at least one of the filters selects; without any, no entry. Alternatives within are opened. */
export function anyOf(...filters: readonly Filter[]): Filter {
  const of = filters.flatMap((filter) => (filter.kind === 'any' ? filter.of : [filter]));
  return only(of) ?? (of.length === 0 ? notOf(EVERY_ENTRY) : { kind: 'any', of });
}

export function notOf(filter: Filter): Filter {
  return filter.kind === 'not' ? filter.of : { kind: 'not', of: filter };
}

function only(filters: readonly Filter[]): Filter | undefined {
  return filters.length === 1 ? filters[0] : undefined;
}
