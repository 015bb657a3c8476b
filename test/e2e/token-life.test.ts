import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import { startService, type Service } from './service.ts';

interface Made {
  readonly id: string;
  readonly token: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: string;
  readonly succeeds: string | null;
}

const DAY = 86_400_000;

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function make(body: object = {}): Promise<Made> {
  const fields = { name: 'deploy', scopes: ['table:read', 'changes:read'], ...body };
  return (await service.as('post', '/api/v1/tokens').send(fields).expect(201)).body as Made;
}

const inDays = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
const listed = async (id: string): Promise<{ lastUsedAt: string | null; expiresAt: string }> =>
  (
    (await service.as('get', '/api/v1/tokens')).body as { items: { id: string; lastUsedAt: string | null; expiresAt: string }[] }
  ).items.find((token) => token.id === id) ?? { lastUsedAt: null, expiresAt: '' };

describe('the lifetime of a token', () => {
  it('is a year by default, and can be shorter', async () => {
    expect(Math.round((Date.parse((await make()).expiresAt) - Date.now()) / DAY)).toBe(365);
    expect((await make({ expiresAt: inDays(366 - 0.001) })).expiresAt).toMatch(/Z$/);
  });

  it('is at most a year over the API', async () => {
    const fields = { name: 'deploy', scopes: ['table:read'], expiresAt: inDays(367) };
    const { body } = await service.as('post', '/api/v1/tokens').send(fields).expect(400);
    expect(body).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ field: 'expiresAt', found: fields.expiresAt }],
      remedy: expect.stringContaining('--long-lived') as string,
    });
  });

  it('shows the last use, and stores it only periodically', async () => {
    const { id, token } = await make();
    expect((await listed(id)).lastUsedAt).toBeNull();
    await service.raw('get', '/api/v1/table', token).expect(200);
    const { lastUsedAt } = await listed(id);
    expect(Date.now() - Date.parse(lastUsedAt ?? '')).toBeLessThan(10_000);
    await service.restart();
    expect((await listed(id)).lastUsedAt).toBe(lastUsedAt);
  });
});

describe('rotating a token', () => {
  it('creates a successor with the same name, scopes and lifetime, and the old token works during the overlap', async () => {
    const old = await make({ expiresAt: inDays(30) });
    const next = (await service.as('post', `/api/v1/tokens/${old.id}/rotate`).expect(201)).body as Made;
    expect(next).toMatchObject({ name: old.name, scopes: old.scopes, succeeds: old.id });
    expect(Math.round((Date.parse(next.expiresAt) - Date.now()) / DAY)).toBe(30);
    expect(Math.round((Date.parse((await listed(old.id)).expiresAt) - Date.now()) / 60_000)).toBe(60);
    for (const secret of [old.token, next.token]) await service.raw('get', '/api/v1/table', secret).expect(200);
  });

  it('ends the old token at once with an overlap of 0', async () => {
    const old = await make();
    await service.as('post', `/api/v1/tokens/${old.id}/rotate`).send({ overlapSeconds: 0 }).expect(201);
    expect((await service.raw('get', '/api/v1/table', old.token).expect(401)).body).toMatchObject({ code: 'TOKEN_EXPIRED' });
  });

  it('never extends the old token beyond its expiry', async () => {
    const old = await make({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
    await service.as('post', `/api/v1/tokens/${old.id}/rotate`).send({ overlapSeconds: 604_800 }).expect(201);
    expect((await listed(old.id)).expiresAt).toBe(old.expiresAt);
  });

  it.each([-1, 604_801, 1.5, '60', null])('is refused with an overlap of %j', async (overlapSeconds) => {
    const { id } = await make();
    await service.as('post', `/api/v1/tokens/${id}/rotate`).send({ overlapSeconds }).expect(400);
  });

  it('is refused for a revoked token, or one with a successor, which is named', async () => {
    const revoked = await make();
    await service.as('delete', `/api/v1/tokens/${revoked.id}`).expect(200);
    expect((await service.as('post', `/api/v1/tokens/${revoked.id}/rotate`).expect(409)).body).toMatchObject({ code: 'TOKEN_NOT_CURRENT' });
    const old = await make();
    const { body: next } = await service.as('post', `/api/v1/tokens/${old.id}/rotate`).expect(201);
    const { body } = await service.as('post', `/api/v1/tokens/${old.id}/rotate`).expect(409);
    expect(body).toMatchObject({ code: 'TOKEN_NOT_CURRENT', detail: expect.stringContaining((next as Made).id) as string });
  });

  it('does not grant scopes that the caller lacks', async () => {
    const { id } = await make();
    const admin = service.token('tokens:admin', 'table:read');
    const { body } = await service.raw('post', `/api/v1/tokens/${id}/rotate`, admin).expect(403);
    expect(body).toMatchObject({ code: 'INSUFFICIENT_SCOPE', detail: expect.stringContaining('changes:read') as string });
    await service.raw('post', '/api/v1/tokens/000000000000/rotate', admin).expect(404);
  });
});

describe('the last token that can create others', () => {
  it('can be revoked by the command line, but not over the API', async () => {
    const alone = await startService();
    try {
      const tokens = alone.app.get(Tokens);
      const [everything] = tokens.list();
      const id = everything?.id ?? '';
      const revoke = () => alone.as('delete', `/api/v1/tokens/${id}`);
      tokens.create('reader', ['table:read'], null);
      tokens.create('gone tomorrow', SCOPES, new Date(Date.now() + DAY / 2));
      expect((await revoke().expect(409)).body).toMatchObject({
        code: 'LAST_ADMIN_TOKEN',
        remedy: expect.stringContaining(`conntrack-api token revoke ${id}`) as string,
      });
      expect(tokens.revoke(id, { evenLastAdmin: true }).revokedAt).not.toBeNull();
    } finally {
      await alone.close();
    }
  });

  it('can be revoked once there is another', async () => {
    const { id } = await make({ scopes: ['tokens:admin'] });
    await service.as('delete', `/api/v1/tokens/${id}`).expect(200);
  });
});
