import type { Filter, Test } from '../../domain/filter/filter.ts';
import { AF_INET, AF_INET6, type Matcher } from './entry-view.ts';
import { addressMatcher } from './matcher-addresses.ts';
import { natMatcher, stateMatcher, statusMatcher } from './matcher-conditions.ts';
import { contextMatcher, helperMatcher, labelMatcher } from './matcher-extensions.ts';
import { numberMatcher } from './matcher-numbers.ts';

/**
 * Compiles a filter to a function, so that work that does not depend on the entry is done once.
 *
 * @param nowMilliseconds milliseconds since the epoch; called for each entry, by tests of `age` only
 * @throws RangeError for a network whose address is invalid
 */
export function compileFilter(filter: Filter, nowMilliseconds: () => number): Matcher {
  switch (filter.kind) {
    case 'all':
      return (
        filter.of.map((part) => compileFilter(part, nowMilliseconds)).reduceRight<Matcher | undefined>(both, undefined) ?? (() => true)
      );
    case 'any':
      return (
        filter.of.map((part) => compileFilter(part, nowMilliseconds)).reduceRight<Matcher | undefined>(either, undefined) ?? (() => false)
      );
    case 'not': {
      const matches = compileFilter(filter.of, nowMilliseconds);
      return (view) => !matches(view);
    }
    case 'test':
      return compileTest(filter.test, nowMilliseconds);
  }
}

function both(rest: Matcher | undefined, first: Matcher): Matcher {
  return rest === undefined ? first : (view) => first(view) && rest(view);
}

function either(rest: Matcher | undefined, first: Matcher): Matcher {
  return rest === undefined ? first : (view) => first(view) || rest(view);
}

function compileTest(test: Test, nowMilliseconds: () => number): Matcher {
  if ('networks' in test) return addressMatcher(test.field, test.networks);
  if (test.field === 'label') return labelMatcher(test.ranges);
  if ('ranges' in test) return numberMatcher(test.field, test.ranges, nowMilliseconds);
  switch (test.field) {
    case 'family':
      return familyMatcher(test.family === 'ipv4' ? AF_INET : AF_INET6);
    case 'protocol':
      return protocolMatcher(test.protocols);
    case 'state':
      return stateMatcher(test.states);
    case 'status':
      return statusMatcher(test.mask, test.mask);
    case 'mark':
      return markMatcher(test.marks);
    case 'nat':
      return natMatcher(test.nat);
    case 'helper':
      return helperMatcher(test.helpers);
    case 'secctx':
      return contextMatcher(test.contexts);
  }
}

function familyMatcher(family: number): Matcher {
  return (view) => view.family === family;
}

function protocolMatcher(protocols: readonly number[]): Matcher {
  const [only] = protocols;
  if (only !== undefined && protocols.length === 1) return (view) => view.protocol === only;
  const wanted = new Uint8Array(256);
  for (const protocol of protocols) wanted[protocol] = 1;
  return (view) => wanted[view.protocol] === 1;
}

/** An entry without a mark has mark 0: the kernel omits mark 0. */
function markMatcher(marks: readonly { readonly value: number; readonly mask: number }[]): Matcher {
  const matchers = marks.map(({ value, mask }): Matcher => {
    const bits = value | 0;
    return (view) => ((view.hasMark ? view.mark : 0) & mask) === bits;
  });
  return matchers.reduceRight<Matcher | undefined>(either, undefined) ?? (() => false);
}
