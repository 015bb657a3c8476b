import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DumpWorkers } from '../../../src/kernel/dump/dump-workers.ts';

/** A worker needs up to this long to load. Native code is loaded in between. */
const LOADING_MILLISECONDS = 100;

it('dump workers can be closed while they load without crashing the process, and can be closed twice', async () => {
  for (let delay = 0; delay < LOADING_MILLISECONDS; delay += 10) {
    const workers = new DumpWorkers();
    workers.start();
    await sleep(delay);
    await workers.close();
    await expect(workers.close()).resolves.toBeUndefined();
  }
});
