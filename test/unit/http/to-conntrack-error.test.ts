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

it.each(['EMFILE', 'ENFILE'])('a lack of file descriptors (%s) is named as such, whatever needed one', (errno) => {
  const thrown = Object.assign(new Error('open'), { code: errno });
  const unreadable = new ConntrackError('KERNEL_UNREADABLE', 'ctnetlink refused (socket): too many open files.', {
    errno,
    remedy: 'Try again.',
  });
  for (const error of [thrown, unreadable]) {
    const { code, message, details } = toConntrackError(error);
    expect({ code, errno: details.errno }).toEqual({ code: 'RESOURCES_EXHAUSTED', errno });
    expect(message).toContain(`limit on open files`);
    expect(details.remedy).toMatch(/LimitNOFILE|file-max/);
  }
});

it('a recorded change that failed for lack of file descriptors keeps its code', () => {
  const failed = new ConntrackError('KERNEL_REFUSED', 'Change 7 failed.', { errno: 'EMFILE', changeId: 7 });
  expect(toConntrackError(failed)).toBe(failed);
});
