import { exportSPKI, importJWK, SignJWT, type CryptoKey } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/application/ports/clock.ts';
import { AUDIENCE, LocalIssuer, newSigner } from './issuer.ts';
import { startService, type Service } from './service.ts';

let issuer: LocalIssuer;
let service: Service;
/** Offset of the monotonic clock; the wall clock is not affected. */
let later: number;

beforeEach(async () => {
  later = 0;
  issuer = await LocalIssuer.start();
  const clock: Clock = { now: () => new Date(), bootMilliseconds: () => performance.now() + later };
  service = await startService('nf_conntrack', { oidc: { issuer: issuer.url, audience: AUDIENCE, scopeClaim: 'scope' } }, clock);
});
afterEach(async () => {
  await service.close();
  await issuer.stop();
});

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
const base64 = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

async function refusal(jwt: string, status = 401): Promise<{ code: string; detail: string; remedy?: string }> {
  const { body, headers } = await service.raw('get', '/api/v1/table', jwt).expect(status);
  expect(headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="conntrack-api", error="invalid_token"' : undefined);
  return body as { code: string; detail: string; remedy?: string };
}

describe('a JWT of the configured issuer', () => {
  it('grants those of its scopes that the service knows, and whoami shows its issuer and subject', async () => {
    const jwt = await issuer.sign();
    await service.raw('get', '/api/v1/table', jwt).expect(200);
    expect((await service.raw('get', '/api/v1/changes', jwt).expect(403)).body).toMatchObject({ code: 'INSUFFICIENT_SCOPE' });
    expect((await service.raw('get', '/api/v1/whoami', jwt).expect(200)).body).toMatchObject({
      id: expect.stringMatching(/^jwt-[0-9a-f]{24}$/) as string,
      name: `${issuer.url} ada@example.org`,
      issuer: issuer.url,
      subject: 'ada@example.org',
      scopes: ['table:read', 'entries:read'],
    });
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  it('may have its scopes as a list, and several audiences', async () => {
    const jwt = await issuer.sign({ scope: ['settings:write', 'table:read', 7], aud: ['other', AUDIENCE] });
    expect((await service.raw('get', '/api/v1/whoami', jwt).expect(200)).body).toMatchObject({ scopes: ['table:read', 'settings:write'] });
  });

  it('that was accepted before is accepted after many invalid tokens from the same address', async () => {
    const limited = await startService('nf_conntrack', {
      rateLimit: 100,
      oidc: { issuer: issuer.url, audience: AUDIENCE, scopeClaim: 'scope' },
    });
    const jwt = await issuer.sign({ groups: Array.from({ length: 50 }, (_, index) => `group-${String(index)}`) });
    await limited.raw('get', '/api/v1/whoami', jwt).expect(200);
    for (let index = 0; index < 20; index += 1) await limited.raw('get', '/api/v1/whoami', `invalid-${String(index)}`).expect(401);
    const statuses = [
      (await limited.raw('get', '/api/v1/whoami', jwt)).status,
      (await limited.raw('get', '/api/v1/whoami', 'invalid')).status,
    ];
    await limited.close();
    expect(statuses).toEqual([200, 429]);
  });

  it('is recorded in changes, whatever its subject contains', async () => {
    const jwt = await issuer.sign({ sub: `eve\u202e\n${'x'.repeat(5_000)}`, scope: 'settings:write table:read' });
    const { body } = await service.raw('patch', '/api/v1/settings', jwt).send({ settings: { udp_timeout: 45 } });
    const { name, tokenId } = (body as { actor: { name: string; tokenId: string } }).actor;
    expect(name).toMatch(/^http:\/\/127\.0\.0\.1:\d+ eve\u{FFFD}\u{FFFD}x{50,}…$/u);
    expect(name.length).toBeLessThanOrEqual(256);
    for (const actor of [name, tokenId]) {
      const { body: page } = await service.as('get', `/api/v1/changes?actor=${encodeURIComponent(actor)}`).expect(200);
      expect((page as { items: object[] }).items).toHaveLength(1);
    }
  });

  it.each([
    ['another audience', { aud: 'other' }, 'UNAUTHENTICATED', '"aud"'],
    ['no audience', { aud: undefined }, 'UNAUTHENTICATED', '"aud"'],
    ['another issuer', { iss: 'https://attacker.example' }, 'UNAUTHENTICATED', 'iss'],
    ['an end that is over', { exp: nowSeconds() - 60 }, 'TOKEN_EXPIRED', 'expired'],
    ['no end', { exp: undefined }, 'UNAUTHENTICATED', '"exp"'],
    ['a beginning that is to come', { nbf: nowSeconds() + 120 }, 'UNAUTHENTICATED', '"nbf"'],
    ['no subject', { sub: undefined }, 'UNAUTHENTICATED', '"sub"'],
    ['an end beyond the range of dates', { exp: 8_640_000_000_001 }, 'UNAUTHENTICATED', 'exp'],
    ['an end beyond all bounds', { exp: 1e300 }, 'UNAUTHENTICATED', 'exp'],
    ['a time of issue beyond the range of dates', { iat: -1e14 }, 'UNAUTHENTICATED', 'iat'],
    ['a beginning before the range of dates', { nbf: -1e200, iat: undefined }, 'UNAUTHENTICATED', 'nbf'],
    ['an empty subject', { sub: '' }, 'UNAUTHENTICATED', 'sub'],
  ])('is refused with %s', async (_what, claims, code, detail) => {
    expect(await refusal(await issuer.sign(claims))).toMatchObject({ code, detail: expect.stringContaining(detail) as string });
  });

  it('is accepted if the clocks differ by a few seconds', async () => {
    await service.raw('get', '/api/v1/table', await issuer.sign({ nbf: nowSeconds() + 15, exp: nowSeconds() + 60 })).expect(200);
    await service.raw('get', '/api/v1/table', await issuer.sign({ exp: nowSeconds() - 5 })).expect(200);
  });

  it('is refused without a signature, and signed with the public key as a secret', async () => {
    const [, claims = ''] = (await issuer.sign()).split('.');
    expect((await refusal(`${base64({ alg: 'none' })}.${claims}.`)).code).toBe('UNAUTHENTICATED');
    const { kid, publicJwk } = issuer.current;
    const spki = await exportSPKI((await importJWK(publicJwk, 'ES256', { extractable: true })) as CryptoKey);
    for (const secret of [spki, JSON.stringify(publicJwk)]) {
      const forged = await new SignJWT({ iss: issuer.url, aud: AUDIENCE, sub: 'eve', exp: nowSeconds() + 60, scope: 'tokens:admin' })
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(Buffer.from(secret));
      expect((await refusal(forged)).code).toBe('UNAUTHENTICATED');
    }
    expect(issuer.requests).toEqual([]);
  });

  it('is refused if it was tampered with or is not a JWT', async () => {
    const [header = '', claims = '', signature = ''] = (await issuer.sign()).split('.');
    const more = base64({ ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), scope: 'tokens:admin' });
    for (const jwt of [`${header}.${more}.${signature}`, `${header}.${claims}.`, 'a.b.c', `${header}.${base64('null')}.${signature}`]) {
      expect((await refusal(jwt)).code).toBe('UNAUTHENTICATED');
    }
  });

  it('signed with unknown keys is refused, and does not cause more requests to the issuer', async () => {
    await service.raw('get', '/api/v1/table', await issuer.sign()).expect(200);
    const stranger = await newSigner('stranger');
    for (let round = 0; round < 20; round++) expect((await refusal(await issuer.sign({}, stranger))).code).toBe('UNAUTHENTICATED');
    const sameKid = { ...stranger, kid: issuer.current.kid };
    expect((await refusal(await issuer.sign({}, sameKid))).code).toBe('UNAUTHENTICATED');
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/keys']);
  });
});

describe('an issuer', () => {
  afterEach(() => vi.useRealTimers());

  it('with a new key is asked for it, unless its keys were requested just before', async () => {
    const old = await issuer.sign();
    await service.raw('get', '/api/v1/table', old).expect(200);
    await issuer.rotate('second');
    const next = await issuer.sign();
    expect((await refusal(next)).code).toBe('UNAUTHENTICATED');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    await service.raw('get', '/api/v1/table', next).expect(200);
    expect((await refusal(old)).code).toBe('UNAUTHENTICATED');
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/keys', '/keys']);
  });

  it('that is down is not needed while its keys are fresh, even if a client sends an unknown key', async () => {
    const jwt = await issuer.sign();
    await service.raw('get', '/api/v1/table', jwt).expect(200);
    issuer.isDown = true;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    const stranger = await issuer.sign({}, await newSigner('stranger'));
    for (let round = 0; round < 5; round++) expect((await refusal(stranger, 503)).code).toBe('ISSUER_UNAVAILABLE');
    await service.raw('get', '/api/v1/table', jwt).expect(200);
    expect(issuer.requests).toEqual(['/.well-known/openid-configuration', '/keys', '/keys']);
  });

  it('that is down gives 503 with a remedy, is not asked each time, and tokens of the service keep working', async () => {
    issuer.isDown = true;
    const jwt = await issuer.sign();
    for (let round = 0; round < 5; round++) {
      const { code, remedy } = await refusal(jwt, 503);
      expect([code, remedy]).toEqual(['ISSUER_UNAVAILABLE', expect.stringContaining('conntrack-api token create')]);
    }
    expect(issuer.requests).toHaveLength(1);
    await service.as('get', '/api/v1/table').expect(200);
    issuer.isDown = false;
    later = 6_000;
    await service.raw('get', '/api/v1/table', jwt).expect(200);
  });

  it('that redirects to another host for its keys, or has far too many keys, is refused', async () => {
    const jwt = await issuer.sign();
    issuer.movedTo = `${issuer.url}/moved`;
    expect((await refusal(jwt, 503)).detail).toMatch(/could not be fetched: fetch failed \(.*redirect/);
    expect(issuer.requests).not.toContain('/moved');
    issuer.movedTo = undefined;
    issuer.padding = 'x'.repeat(2_000_000);
    later = 6_000;
    expect((await refusal(jwt, 503)).detail).toMatch(/more than 1048576 bytes/);
    issuer.padding = '';
    later = 12_000;
    await service.raw('get', '/api/v1/table', jwt).expect(200);
  });

  it('that cannot be reached gives 503, not 401', async () => {
    const jwt = await issuer.sign();
    await issuer.stop();
    expect((await refusal(jwt, 503)).detail).toMatch(/could not be fetched: fetch failed/);
  });
});

it('a JWT is an unknown token if no issuer is configured', async () => {
  const alone = await startService();
  try {
    expect((await alone.raw('get', '/api/v1/table', await issuer.sign()).expect(401)).body).toMatchObject({ code: 'UNAUTHENTICATED' });
  } finally {
    await alone.close();
  }
});
