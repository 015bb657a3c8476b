import type { NatKind } from '../../domain/filter/filter.ts';
import { type Matcher, STATE_NAMES, STATUS, stateNumber } from './entry-view.ts';

const STATES_OF_A_WORD = 32;
const TRANSLATED = STATUS.sourceNat | STATUS.destinationNat;

/** Whether the status bits in `mask` equal `bits`. */
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

/** A name matches each protocol that has this state. An entry without a state never matches. */
export function stateMatcher(states: readonly string[]): Matcher {
  const wanted = new Uint32Array(256);
  for (const protocol of STATE_NAMES.keys()) {
    const numbers = states.map((name) => stateNumber(protocol, name)).filter((number) => number >= 0);
    wanted[protocol] = numbers.reduce((bits, number) => bits | (1 << number), 0);
  }
  return ({ state, protocol }) => state >= 0 && state < STATES_OF_A_WORD && (((wanted[protocol] as number) >>> state) & 1) === 1;
}
