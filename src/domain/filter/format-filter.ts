import { allOf } from './common-filter.ts';
import { maximumOf } from './fields.ts';
import type { Filter, Test } from './filter.ts';
import { protocolName, STATUS_NAMES } from './kernel-names.ts';
import { formatMark } from './mark.ts';
import { formatNetwork } from './network.ts';
import { formatRange } from './number-range.ts';
import { formatContext } from './secctx.ts';

/**
 * Formats the filter in the syntax of docs/filters.md; equal filters give the same text. `parseFilter` parses it to an equal filter if the filter
 * was created by `parseFilter`, `allOf`, `anyOf` and `notOf`, otherwise to an equivalent one. The text may be longer than the one a filter was
 * parsed from, and so exceed the limits of `parseFilter`.
 */
export function formatFilter(filter: Filter): string {
  const test = asTest(filter, '=');
  if (test !== undefined) return test;
  switch (filter.kind) {
    case 'all':
      return filter.of.length === 0
        ? 'all'
        : filter.of.map((part) => (part.kind === 'any' ? operand(part) : formatFilter(part))).join(' and ');
    case 'any':
      return filter.of.length === 0 ? 'not all' : filter.of.map(formatFilter).join(' or ');
    case 'not':
      return asTest(filter.of, '!=') ?? `not ${operand(filter.of)}`;
    case 'test':
      return formatFilter(bitByBit(filter.test));
  }
}

/** In parentheses if it needs them as an operand. */
function operand(filter: Filter): string {
  const text = formatFilter(filter);
  return text === 'all' || asTest(filter, '=') !== undefined ? text : `(${text})`;
}

/** As `field=value,…`; `undefined` if it is not a single test. */
function asTest(filter: Filter, sign: '=' | '!='): string | undefined {
  const tests = filter.kind === 'test' ? [filter.test] : alternatives(filter);
  const [first] = tests;
  if (first === undefined) return undefined;
  const values = tests.flatMap(valuesOf);
  const [only] = values;
  if (only === undefined) return undefined;
  const open = sign === '=' ? openRange(first) : undefined;
  return open ?? `${first.field}${sign}${values.join(',')}`;
}

/** The tests of alternatives that can be written as one list: all of one single-valued field. */
function alternatives(filter: Filter): readonly Test[] {
  const parts = filter.kind === 'any' ? filter.of : [];
  const tests = parts.flatMap((part) => (part.kind === 'test' ? [part.test] : []));
  const isList = tests.every((test) => test.field === tests[0]?.field && holdsOneValue(test));
  return isList && tests.length === parts.length ? tests : [];
}

function holdsOneValue(test: Test): boolean {
  return test.field === 'family' || test.field === 'nat' || (test.field === 'status' && valuesOf(test).length === 1);
}

/** `bytes>=1000` for a range without an upper end. */
function openRange(test: Test): string | undefined {
  if (!('ranges' in test)) return undefined;
  const [range, second] = test.ranges;
  const isOpen = range !== undefined && second === undefined && range.from > 0 && range.to === maximumOf(test.field);
  return isOpen && range.from < range.to ? `${test.field}>=${String(range.from)}` : undefined;
}

/** Empty for several bits of the status, which need several tests. */
function valuesOf(test: Test): readonly string[] {
  if ('ranges' in test) return test.ranges.map(formatRange);
  if ('networks' in test) return test.networks.map(formatNetwork);
  switch (test.field) {
    case 'family':
      return [test.family];
    case 'protocol':
      return test.protocols.map((number) => protocolName(number) ?? String(number));
    case 'state':
      return test.states;
    case 'status': {
      const names = statusNames(test.mask);
      return names.length === 1 ? names : [];
    }
    case 'mark':
      return test.marks.map(formatMark);
    case 'nat':
      return [test.nat];
    case 'helper':
      return test.helpers;
    case 'secctx':
      return test.contexts.map(formatContext);
  }
}

function bitByBit(test: Test): Filter {
  const names = test.field === 'status' ? statusNames(test.mask) : [];
  return allOf(...names.map((name): Filter => ({ kind: 'test', test: { field: 'status', mask: 1 << STATUS_NAMES.indexOf(name) } })));
}

function statusNames(mask: number): readonly (typeof STATUS_NAMES)[number][] {
  return STATUS_NAMES.filter((_, bit) => (mask & (1 << bit)) !== 0);
}
