import type { NatKind } from '../../domain/filter/filter.ts';
import { STATE_NAMES, STATUS, stateNumber } from './entry-view.ts';
import type { Matcher } from './matcher-type.ts';

const STATES_OF_A_WORD = 32;
const TRANSLATED = STATUS.sourceNat | STATUS.destinationNat;

/** The bits of `mask` are as in `bits`. */
export function statusMatcher(mask: number, bits: number): Matcher {
  return (view) => (view.status & mask) === bits;
}

export function natMatcher(nat: NatKind): Matcher {
  switch (nat) {
    case 'source':
      return statusMatcher(STATUS.sourceNat, STATUS.sourceNat);
    case 'destination':
      return statusMatcher(STATUS.destinationNat, STATUS.destinationNat);
    case 'any':
      return (view) => (view.status & TRANSLATED) !== 0;
    case 'none':
      return statusMatcher(TRANSLATED, 0);
  }
}

/** A name counts for each protocol that has it; an entry without a state has none of them. */
export function stateMatcher(states: readonly string[]): Matcher {
  const wanted = new Uint32Array(256);
  for (const protocol of STATE_NAMES.keys()) {
    const numbers = states.map((name) => stateNumber(protocol, name)).filter((number) => number >= 0);
    wanted[protocol] = numbers.reduce((bits, number) => bits | (1 << number), 0);
  }
  return ({ state, protocol }) => state >= 0 && state < STATES_OF_A_WORD && (((wanted[protocol] as number) >>> state) & 1) === 1;
}
