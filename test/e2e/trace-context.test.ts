import { afterAll, beforeAll, expect, it } from 'vitest';
import { JournalIntegrity } from '../../src/application/change/journal-integrity.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import { toText } from './ask.ts';
import { startService, type Service } from './service.ts';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function change(value: number, traceparent?: string): Promise<ChangeDto> {
  const request = service.as('patch', '/api/v1/settings').send({ settings: { udp_timeout: value } });
  const { body } = await (traceparent === undefined ? request : request.set('traceparent', traceparent)).expect(200);
  return body as ChangeDto;
}

it('records the trace of a request with its change and rollback, and covers it by the hash', async () => {
  const { id, traceparent } = await change(41, TRACEPARENT);
  expect(traceparent).toBe(TRACEPARENT);
  expect((await service.as('get', `/api/v1/changes/${String(id)}`).expect(200)).body).toMatchObject({ traceparent: TRACEPARENT });
  const rollback = await service
    .as('post', `/api/v1/changes/${String(id)}/rollback`)
    .set('traceparent', TRACEPARENT)
    .expect(200);
  expect(rollback.body).toMatchObject({ kind: 'rollback', traceparent: TRACEPARENT });
  const { body } = await service.as('get', '/api/v1/changes/export').expect(200).buffer().parse(toText);
  const intents = String(body)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; content: string })
    .filter(({ kind }) => kind === 'intent');
  expect(intents.map(({ content }) => (JSON.parse(content) as { traceparent?: string }).traceparent)).toEqual([TRACEPARENT, TRACEPARENT]);
  await service.app.get(JournalIntegrity).verify();
  expect((await service.as('get', '/api/v1/changes/verify').expect(200)).body).not.toHaveProperty('broken');
});

it.each([undefined, 'x', TRACEPARENT.toUpperCase(), `${TRACEPARENT}-more`, '00-00000000000000000000000000000000-00f067aa0ba902b7-01'])(
  'ignores %j',
  async (sent) => {
    expect(await change(Math.floor(performance.now()) + 1_000, sent)).not.toHaveProperty('traceparent');
  },
);
