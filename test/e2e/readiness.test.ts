import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startService, type Service } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

it('is not ready while the data directory refuses changes, and is ready again without a restart', async () => {
  const path = join(service.dataDir, 'conntrack-api.sqlite3');
  await service.raw('get', '/readyz').expect(200);
  await rename(path, `${path}.gone`);
  await sleep(1_100);
  const { body } = await service.raw('get', '/readyz').expect(503);
  expect(body).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', errno: 'ENOENT', detail: expect.stringContaining(path) as string });
  await service.raw('get', '/healthz').expect(200);
  await rename(`${path}.gone`, path);
  await sleep(1_100);
  await service.raw('get', '/readyz').expect(200);
});
