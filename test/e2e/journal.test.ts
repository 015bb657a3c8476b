import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../src/application/ports/journal.ts';
import { KernelSettings } from '../../src/application/ports/kernel.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import type { ChangeDto } from '../../src/http/documents/change.dto.ts';
import { toText, type Answer, type Ask } from './ask.ts';
import { startService, type Service } from './service.ts';

const NETFILTER = '/proc/sys/net/netfilter/nf_conntrack';

/** The intent and the outcome. */
const RECORDS_OF_A_CHANGE = 2;

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const patch = (settings: Readonly<Record<string, number>>, more: object = {}): Ask =>
  service.as('patch', '/api/v1/settings').send({ settings, ...more });
const rollBackTo = (body: object): Ask => service.as('post', '/api/v1/changes/rollback-to').send(body);
const live = async (name: string): Promise<string> => (await service.tree.read(`${NETFILTER}_${name}`)).trim();
const head = (): string => {
  const { sequence, hash } = service.app.get(Journal).head();
  return `${sequence}:${hash}`;
};
const headIn = ({ headers }: Answer): string | undefined => headers['conntrack-journal-head'];

describe('rolling back to the state after a change', () => {
  beforeEach(async () => {
    await patch({ udp_timeout: 40 });
    await patch({ udp_timeout: 41, acct: 1 }, { persist: true });
    await patch({ udp_timeout: 42 });
  });

  it('rolls back all later changes, live and in the boot files, as one change that can be rolled back', async () => {
    const files = (await service.as('get', '/api/v1/changes/2')).body as ChangeDto;
    const { body } = await rollBackTo({ change: 1, reason: 'as it was' }).expect(200);
    expect(body).toMatchObject({ id: 4, kind: 'rollback-to', outcome: 'applied', relatesTo: 1, rollbackOf: null, reason: 'as it was' });
    expect([await live('udp_timeout'), await live('acct')]).toEqual(['40', '0']);
    expect(files.files.length).toBeGreaterThan(0);
    for (const { path } of files.files) await expect(service.tree.read(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await service.as('post', '/api/v1/changes/4/rollback').expect(200);
    expect([await live('udp_timeout'), await live('acct')]).toEqual(['42', '1']);
    for (const { path, after } of files.files) expect(await service.tree.read(path)).toBe(after);
  });

  it('returns the plan on a dry run', async () => {
    const { body } = await rollBackTo({ change: 1, dryRun: true }).expect(200);
    const { steps, files } = body as { steps: { name: string; requested: number }[]; files: { after: unknown }[] };
    expect(steps.map(({ name, requested }) => [name, requested]).sort()).toEqual([
      ['acct', 0],
      ['udp_timeout', 40],
    ]);
    expect(files.every(({ after }) => after === null)).toBe(true);
    expect(await live('udp_timeout')).toBe('42');
  });

  it('lists values changed by another writer since, and overwrites them only if forced', async () => {
    await service.tree.write(`${NETFILTER}_udp_timeout`, '77\n');
    const { body } = await rollBackTo({ change: 1 }).expect(409);
    expect(body).toMatchObject({ code: 'STATE_CHANGED', conflicts: [{ subject: 'udp_timeout', expected: '42', found: '77' }] });
    expect([await live('udp_timeout'), await live('acct')]).toEqual(['77', '1']);
    await rollBackTo({ change: 1, force: true }).expect(200);
    expect([await live('udp_timeout'), await live('acct')]).toEqual(['40', '0']);
  });

  it('is refused if there is no later change, or no such change', async () => {
    expect((await rollBackTo({ change: 3 }).expect(409)).body).toMatchObject({ code: 'NOTHING_TO_ROLL_BACK' });
    expect((await rollBackTo({ change: 99 }).expect(404)).body).toMatchObject({ code: 'CHANGE_NOT_FOUND' });
  });

  it.each([{}, { change: 0 }, { change: '1' }, { change: 1.5 }, { change: null }])('needs a change id: %j', async (body) => {
    const response = await rollBackTo(body).expect(400);
    expect(response.body).toMatchObject({ code: 'INVALID_REQUEST', errors: [{ field: 'change' }] });
  });
});

describe('the head of the journal', () => {
  it('is in the response to every change', async () => {
    expect(headIn(await patch({ udp_timeout: 45 }).expect(200))).toBe(head());
    expect(head()).toMatch(/^3:[0-9a-f]{64}$/);
    expect(headIn(await service.as('post', '/api/v1/changes/1/rollback').expect(200))).toBe(head());
    expect(head()).toMatch(/^5:/);
  });

  it('is in problems too, before and after something was recorded', async () => {
    const before = head();
    expect(headIn(await patch({ nonsense: 1 }).expect(422))).toBe(before);
    service.app.get(KernelSettings).write = () => Promise.reject(new ConntrackError('KERNEL_REFUSED', 'The kernel said no.'));
    expect(headIn(await patch({ udp_timeout: 45 }).expect(422))).toBe(head());
    expect(head()).toMatch(/^3:/);
  });

  it('is not sent to clients that may not change anything', async () => {
    expect(headIn(await service.raw('patch', '/api/v1/settings'))).toBeUndefined();
    expect(headIn(await service.raw('patch', '/api/v1/settings', service.token('table:read')))).toBeUndefined();
  });

  it('does not hide the outcome of a change if the journal can no longer be read', async () => {
    const journal = service.app.get(Journal);
    const read = journal.head.bind(journal);
    const { sequence } = read();
    journal.head = () => {
      const head = read();
      if (head.sequence < sequence + RECORDS_OF_A_CHANGE) return head;
      throw new ConntrackError('JOURNAL_UNAVAILABLE', 'The database is gone.');
    };
    expect(headIn(await patch({ udp_timeout: 45 }).expect(200))).toBeUndefined();
  });
});

describe('the chain of records', () => {
  const verify = async (query = ''): Promise<unknown> => (await service.as('get', `/api/v1/changes/verify${query}`).expect(200)).body;

  it('is verified as unbroken, from the start to its head', async () => {
    expect(await verify()).toEqual({ records: 1, head: head() });
    const earlier = headIn(await patch({ udp_timeout: 45 })) ?? '';
    await patch({ udp_timeout: 46 });
    expect(await verify()).toEqual({ records: 5, head: head() });
    expect(await verify(`?anchor=${earlier}`)).toEqual({ records: 5, head: head() });
  });

  it.each([
    ['of another chain', `2:${'a'.repeat(64)}`, 2],
    ['of records that are gone', `9:${'a'.repeat(64)}`, 6],
  ])('is reported as broken with an anchor %s', async (_what, anchor, sequence) => {
    await patch({ udp_timeout: 45 });
    await patch({ udp_timeout: 46 });
    expect(await verify(`?anchor=${anchor}`)).toMatchObject({ broken: { sequence, reason: expect.stringContaining('anchor') as string } });
  });

  it.each(['', '1', `1:${'A'.repeat(64)}`, `-1:${'a'.repeat(64)}`, `01:${'a'.repeat(64)}`, `1:${'a'.repeat(63)}`])(
    'takes no anchor that is no head: %j',
    async (anchor) => {
      const { body } = await service.as('get', `/api/v1/changes/verify?anchor=${anchor}`).expect(400);
      expect(body).toMatchObject({ code: 'INVALID_FILTER', errors: [{ field: 'anchor' }] });
    },
  );

  it('is exported record by record, each with the hash of the one before', async () => {
    for (const udp_timeout of [45, 46, 47]) await patch({ udp_timeout });
    const response = await service.as('get', '/api/v1/changes/export').expect(200).buffer().parse(toText);
    expect(response.headers['content-type']).toBe('application/x-ndjson');
    const records = String(response.body)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { sequence: number; hash: string; previousHash: string });
    expect(records.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(records.map(({ previousHash }) => previousHash)).toEqual(['0'.repeat(64), ...records.slice(0, -1).map(({ hash }) => hash)]);
    expect(`7:${records.at(-1)?.hash ?? ''}`).toBe(headIn(response));
  });

  it('is exported as an empty body if nothing is recorded', async () => {
    service.app.get(Journal).records = () => ({ next: () => [] });
    const response = await service.as('get', '/api/v1/changes/export').expect(200).buffer().parse(toText);
    expect(response.body).toBe('');
  });

  it('that cannot be read gives a problem document, not a truncated stream', async () => {
    service.app.get(Journal).records = () => ({
      next: () => {
        throw new ConntrackError('JOURNAL_UNAVAILABLE', 'The database is gone.');
      },
    });
    expect((await service.as('get', '/api/v1/changes/export').expect(503)).body).toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
  });
});
