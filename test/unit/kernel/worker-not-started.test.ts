import { describe, expect, it } from 'vitest';
import { workerNotStarted } from '../../../src/kernel/worker/worker-not-started.ts';

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe('workerNotStarted', () => {
  it.each([
    ['EAGAIN', 'limit on processes and threads'],
    ['ENOMEM', 'memory limit'],
    ['EMFILE', 'limit on open files'],
  ])('explains %s', (errno, reason) => {
    const { code, message, details } = workerNotStarted(failure('ERR_WORKER_INIT_FAILED', `Worker initialization failure: ${errno}`));
    expect({ code, errno: details.errno }).toEqual({ code: 'RESOURCES_EXHAUSTED', errno });
    expect(message).toContain(reason);
    expect(details.remedy).toContain('No restart is needed');
  });

  it('explains a failure without an errno', () => {
    const { code, message } = workerNotStarted(failure('ERR_WORKER_OUT_OF_MEMORY', 'Worker terminated due to reaching memory limit'));
    expect(code).toBe('RESOURCES_EXHAUSTED');
    expect(message).toContain('reaching memory limit');
  });

  it('does not hide a fault of the code', () => {
    const fault = failure('ERR_WORKER_PATH', 'The worker script must be an absolute path');
    expect(() => workerNotStarted(fault)).toThrow(fault);
  });
});
