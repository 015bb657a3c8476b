import { expect, it } from 'vitest';
import { errnoOf } from '../../../src/domain/conntrack-error.ts';
import { systemFailure } from '../../../src/kernel/system-failure.ts';

const lost = Object.assign(new Error('read failed'), { code: 'ENOTCONN', errno: -107 });
const closing = Object.assign(new Error('close failed'), { code: 'EIO', errno: -5 });

it.each([
  ['as Node 24 reports it', new SuppressedError(closing, lost)],
  [
    'as compiled code reports it on Node 22',
    Object.assign(new Error('suppressed'), { name: 'SuppressedError', error: closing, suppressed: lost }),
  ],
  ['of two files', new SuppressedError(closing, new SuppressedError(closing, lost))],
])('a file that can be neither read nor closed is reported with the first error, %s', (_, error) => {
  expect(errnoOf(error)).toBe('ENOTCONN');
  expect(systemFailure(error)).toMatchObject({ code: 'ENOTCONN' });
});
