import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DumpWorkers } from '../../../src/kernel/dump/dump-workers.ts';

/** Loading takes a thread up to this long; native code is loaded in the middle of it. */
const LOADING_MILLISECONDS = 100;

it('threads that are closed while they load take nothing with them, and can be closed twice', async () => {
  for (let delay = 0; delay < LOADING_MILLISECONDS; delay += 10) {
    const threads = new DumpWorkers();
    threads.start();
    await sleep(delay);
    await threads.close();
    await expect(threads.close()).resolves.toBeUndefined();
  }
});
