import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Clock } from '../../src/application/ports/clock.ts';
import { RevertUnconfirmed } from '../../src/application/change/revert-unconfirmed.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import type { Answer, Ask } from './ask.ts';
import { startService, type Service } from './service.ts';

const UDP_TIMEOUT = '/proc/sys/net/netfilter/nf_conntrack_udp_timeout';
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const WITHIN_A_MINUTE = { settings: { udp_timeout: 45 }, confirmWithinSeconds: 60 };

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const change = async (body: object): Promise<ChangeDto> =>
  (await service.as('patch', '/api/v1/settings').send(body).expect(200)).body as ChangeDto;
const confirm = (id: number, body: object = {}): Ask => service.as('post', `/api/v1/changes/${id}/confirm`).send(body);
const waiting = async (): Promise<ChangeDto[]> =>
  ((await service.as('get', '/api/v1/changes/awaiting-confirmation').expect(200)).body as { items: ChangeDto[] }).items;
const newest = async (): Promise<ChangeDto | undefined> =>
  ((await service.as('get', '/api/v1/changes?limit=1').expect(200)).body as { items: ChangeDto[] }).items[0];
const live = async (): Promise<string> => (await service.tree.read(UDP_TIMEOUT)).trim();
const codeOf = ({ status, body }: Answer): unknown => [status, (body as { code?: string }).code];
const NOT_AWAITING = [409, 'NOT_AWAITING_CONFIRMATION'];

/** Advances the boot-time clock and lets the service act on it. */
async function afterSeconds(seconds: number): Promise<void> {
  const clock = service.app.get(Clock);
  const then = clock.bootMilliseconds() + seconds * 1000;
  clock.bootMilliseconds = () => then;
  await service.app.get(RevertUnconfirmed).run();
}

describe('a change with a confirmation window', () => {
  it('shows its deadline, is listed, and has not written a boot file', async () => {
    const made = await change({ ...WITHIN_A_MINUTE, persist: true });
    expect(made).toMatchObject({ kind: 'change', outcome: 'applied', files: [], confirmWithinSeconds: 60, persistAtConfirmation: true });
    expect(Date.parse(made.confirmBy ?? '') - Date.parse(made.startedAt)).toBe(60_000);
    expect(await live()).toBe('45');
    await expect(service.tree.read(SYSCTL_FILE)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await waiting()).map(({ id }) => id)).toEqual([made.id]);
    expect(Date.parse((await waiting())[0]?.confirmBy ?? '') / 1000).toBeCloseTo(Date.parse(made.confirmBy ?? '') / 1000, -1);
  });

  it('stays if it is confirmed in time, and its boot files are written at confirmation', async () => {
    const made = await change({ ...WITHIN_A_MINUTE, persist: true });
    const { body } = await confirm(made.id, { reason: 'still reachable' }).expect(200);
    expect(body).toMatchObject({
      kind: 'confirmation',
      outcome: 'applied',
      relatesTo: made.id,
      rollbackOf: null,
      reason: 'still reachable',
    });
    expect(await service.tree.read(SYSCTL_FILE)).toContain('nf_conntrack_udp_timeout = 45');
    expect(await waiting()).toEqual([]);
    await afterSeconds(61);
    expect(await live()).toBe('45');
    expect(codeOf(await confirm(made.id))).toEqual(NOT_AWAITING);
  });

  it('is rolled back if it is not confirmed, and cannot be confirmed afterwards', async () => {
    const made = await change(WITHIN_A_MINUTE);
    await afterSeconds(59);
    expect(await live()).toBe('45');
    await afterSeconds(2);
    expect(await live()).toBe('30');
    expect(await newest()).toMatchObject({
      kind: 'auto-revert',
      outcome: 'applied',
      rollbackOf: made.id,
      actor: { name: 'conntrack-api' },
    });
    expect(await waiting()).toEqual([]);
    expect(codeOf(await confirm(made.id))).toEqual(NOT_AWAITING);
  });

  it('cannot be confirmed after its deadline, even before it is rolled back', async () => {
    const made = await change(WITHIN_A_MINUTE);
    service.app.get(Clock).bootMilliseconds = () => Number.MAX_SAFE_INTEGER;
    expect(codeOf(await confirm(made.id))).toEqual(NOT_AWAITING);
  });

  it('is rolled back by the next service process if the first one has exited', async () => {
    await change(WITHIN_A_MINUTE);
    await service.restart();
    expect((await waiting()).length).toBe(1);
    await afterSeconds(61);
    expect(await live()).toBe('30');
  });

  it('restarts its window if it is requested again, and is confirmed under its original id', async () => {
    const made = await change(WITHIN_A_MINUTE);
    service.app.get(Clock).bootMilliseconds = changedBy(40);
    const again = await change(WITHIN_A_MINUTE);
    expect(again).toMatchObject({ kind: 'window-extended', relatesTo: made.id, confirmWithinSeconds: 60, settings: [] });
    await afterSeconds(40);
    expect(await live()).toBe('45');
    const [listed] = await waiting();
    expect(listed?.id).toBe(made.id);
    expect(Date.parse(listed?.confirmBy ?? '')).toBeLessThan(Date.now() + 21_000);
    await confirm(made.id).expect(200);
    await afterSeconds(61);
    expect(await live()).toBe('45');
  });

  it('does not revert values changed by another writer meanwhile, and reports them', async () => {
    await change(WITHIN_A_MINUTE);
    await service.tree.write(UDP_TIMEOUT, '77\n');
    await afterSeconds(61);
    expect(await live()).toBe('77');
    expect(await newest()).toMatchObject({ kind: 'auto-revert', outcome: 'diverged' });
  });

  it('with persist can be confirmed only with settings:persist', async () => {
    const secret = service.token('settings:write');
    const asWriter = (id: number): Ask => service.raw('post', `/api/v1/changes/${id}/confirm`, secret);
    const plain = await change(WITHIN_A_MINUTE);
    await asWriter(plain.id).expect(200);
    const persisting = await change({ settings: { udp_timeout: 50 }, persist: true, confirmWithinSeconds: 60 });
    expect(codeOf(await asWriter(persisting.id))).toEqual([403, 'INSUFFICIENT_SCOPE']);
    expect((await waiting()).map(({ id }) => id)).toEqual([persisting.id]);
  });
});

describe('a confirmation', () => {
  it('of a change without a window, or of an unknown change, is refused', async () => {
    const { id } = await change({ settings: { udp_timeout: 45 } });
    expect(codeOf(await confirm(id))).toEqual(NOT_AWAITING);
    expect(codeOf(await confirm(4711))).toEqual([404, 'CHANGE_NOT_FOUND']);
  });

  it.each([9, 86_401, 0, -1])('window must be 10 to 86400 seconds, not %d', async (confirmWithinSeconds) => {
    const { status, body } = await service.as('patch', '/api/v1/settings').send({ ...WITHIN_A_MINUTE, confirmWithinSeconds });
    expect([status, (body as { errors: { field: string }[] }).errors[0]?.field]).toEqual([400, 'confirmWithinSeconds']);
  });
});

function changedBy(seconds: number): () => number {
  const then = service.app.get(Clock).bootMilliseconds() + seconds * 1000;
  return () => then;
}
