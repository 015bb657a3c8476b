import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { EVERY_ENTRY } from '../../../src/domain/filter/filter.ts';
import type { DumpJob, DumpMessage } from '../../../src/kernel/dump/dump-job.ts';
import { DumpWorkers } from '../../../src/kernel/dump/dump-workers.ts';

/** A worker needs up to this long to load. Native code is loaded in between. */
const LOADING_MILLISECONDS = 100;
const IDLE_MILLISECONDS = 50;

const JOB: DumpJob = {
  source: { kind: 'text', path: '/dev/null' },
  bucketsPaths: [],
  filter: EVERY_ENTRY,
  output: { kind: 'count' },
};

let workers = new DumpWorkers(IDLE_MILLISECONDS);
afterEach(() => workers.close());

/** Resolves with the outcome of each part. */
function run(parts: number): Promise<readonly unknown[]> {
  const outcomes: unknown[] = [];
  return new Promise((resolve) => {
    const onMessage = (_part: number, message: DumpMessage): void => {
      if (message.kind === 'opened') return;
      outcomes.push('outcome' in message ? message.outcome : message);
      if (outcomes.length === parts) resolve(outcomes);
    };
    workers.run(
      Array.from({ length: parts }, () => JOB),
      onMessage,
    );
  });
}

it('dump workers can be closed while they load without crashing the process, and can be closed twice', async () => {
  for (let delay = 0; delay < LOADING_MILLISECONDS; delay += 10) {
    workers = new DumpWorkers();
    workers.run([JOB, JOB], () => undefined);
    await sleep(delay);
    await workers.close();
    await expect(workers.close()).resolves.toBeUndefined();
  }
});

it('dump workers start when passes need them, end when they are idle, and start again', async () => {
  workers = new DumpWorkers(IDLE_MILLISECONDS);
  for (const parts of [1, workers.size, 1]) {
    const outcomes = run(parts);
    expect(workers.running).toBe(parts);
    expect(await outcomes).toEqual(Array.from({ length: parts }, () => 'complete'));
    await vi.waitFor(() => {
      expect(workers.running).toBe(0);
    });
  }
});

it('starts another worker for a pass if all workers are busy and more may start', () => {
  workers = new DumpWorkers(IDLE_MILLISECONDS);
  for (let count = 1; count <= workers.size + 1; count += 1) {
    workers.run([JOB], () => undefined);
    expect(workers.running).toBe(Math.min(count, workers.size));
  }
});
