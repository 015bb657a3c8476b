import { EVERY_ENTRY, type Filter } from './filter.ts';

/** The conjunction of the filters; without any, every entry. Nested conjunctions are flattened. */
export function allOf(...filters: readonly (Filter | undefined)[]): Filter {
  const of = filters.flatMap((filter) => (filter === undefined ? [] : filter.kind === 'all' ? filter.of : [filter]));
  return only(of) ?? (of.length === 0 ? EVERY_ENTRY : { kind: 'all', of });
}

/** The disjunction of the filters; without any, no entry. Nested disjunctions are flattened. */
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
