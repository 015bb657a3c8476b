import { expect, it } from 'vitest';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { toConntrackError, toLoggable } from '../../../src/http/problem/to-conntrack-error.ts';

const fault = new Error('a fault');
const unrecorded = new ConntrackError('OUTCOME_UNRECORDED', 'Change 7 has no outcome.', { changeId: 7 });
const end = {
  [Symbol.dispose]: () => {
    throw unrecorded;
  },
};
const failTwice = (): void => {
  using _end = end;
  throw fault;
};

it('an error at the end of a block decides the response, and the log has it with the error of the block', () => {
  try {
    failTwice();
    expect.unreachable();
  } catch (error) {
    expect(toConntrackError(error)).toBe(unrecorded);
    expect(toLoggable(error)).toMatchObject({ errors: [unrecorded, fault] });
  }
});

it('any other error is logged as it is', () => {
  expect(toLoggable(fault)).toBe(fault);
});
