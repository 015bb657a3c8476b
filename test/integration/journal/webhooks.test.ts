import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NewWebhook } from '../../../src/application/ports/webhooks.ts';
import type { WebhookEvent } from '../../../src/domain/webhooks/webhook-event.ts';
import { SqliteWebhooks } from '../../../src/journal/webhooks/sqlite-webhooks.ts';

const BY = { tokenId: 'a1b2c3d4e5f6', name: 'ops', peer: '192.0.2.7' };
const AT = new Date(Date.UTC(2026, 10, 27));

let directory: string;
let webhooks: SqliteWebhooks;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'conntrack-api-webhooks-'));
  webhooks = new SqliteWebhooks(directory);
});
afterEach(() => {
  webhooks.close();
  rmSync(directory, { recursive: true });
});

const file = (): string => join(directory, 'webhooks.sqlite3');
const create = (url = 'https://receiver.example/'): NewWebhook => webhooks.create({ url, types: [] }, BY, AT, 12);
function reopen(): void {
  webhooks.close();
  webhooks = new SqliteWebhooks(directory);
}
const event = (subject: string): Omit<WebhookEvent, 'id'> => ({
  type: 'io.conntrack-api.finding.raised',
  subject,
  time: AT,
  data: { subject },
});
const publish = (...subjects: string[]): void => {
  webhooks.publish(subjects.map(event), []);
};

describe('webhooks', () => {
  it('have no file before the first, and then one that only its owner can read', () => {
    expect(webhooks.list()).toEqual([]);
    expect(existsSync(file())).toBe(false);
    create();
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(`${file()}-wal`).mode & 0o777).toBe(0o600);
  });

  it('survive a restart, with their secret and progress', () => {
    const { webhook, secret } = create();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const failure = { since: AT, attempts: 3, error: 'status 503', at: AT, retryAt: new Date(AT.getTime() + 4_000) };
    const progress = { change: 15, derived: 2, deliveredAt: AT, failure, isDead: true };
    webhooks.saveProgress(webhook.id, progress);
    reopen();
    expect(webhooks.list()).toEqual([{ ...webhook, progress }]);
    expect(webhooks.secretOf(webhook.id)).toBe(secret);
  });

  it('are at most 32', () => {
    for (let number = 0; number < 32; number += 1) create(`https://receiver.example/${String(number)}`);
    expect(() => create()).toThrow(expect.objectContaining({ code: 'TOO_MANY_WEBHOOKS' }) as Error);
    webhooks.remove(webhooks.list()[0]?.id ?? '');
    create();
    expect(webhooks.list()).toHaveLength(32);
  });

  it('that were removed are not revived by progress that arrives late', () => {
    const { webhook } = create();
    webhooks.remove(webhook.id);
    webhooks.saveProgress(webhook.id, webhook.progress);
    expect(webhooks.find(webhook.id)).toBeUndefined();
    reopen();
    expect(webhooks.list()).toEqual([]);
  });

  it('in a damaged file are unavailable, and the file is kept', () => {
    create();
    webhooks.close();
    writeFileSync(file(), 'no database'.repeat(1_000));
    webhooks = new SqliteWebhooks(directory);
    expect(() => webhooks.list()).toThrow(expect.objectContaining({ code: 'WEBHOOKS_UNAVAILABLE' }) as Error);
    expect(readFileSync(file(), 'utf8')).toContain('no database');
    rmSync(file());
    expect(webhooks.list()).toEqual([]);
  });
});

describe('events that are not changes', () => {
  it('have ids that do not repeat, even in a new file', () => {
    create();
    publish('a', 'b');
    const [first, second] = webhooks.derivedAfter(0, 10);
    expect([first?.sequence, second?.sequence]).toEqual([1, 2]);
    expect(second).toMatchObject({ subject: 'b', time: AT, data: { subject: 'b' } });
    webhooks.close();
    for (const part of ['', '-wal', '-shm']) rmSync(`${file()}${part}`, { force: true });
    webhooks = new SqliteWebhooks(directory);
    create();
    publish('a');
    expect(webhooks.derivedAfter(0, 10)[0]?.id).not.toBe(first?.id);
  });

  it('continue their sequence after all were delivered and removed', () => {
    const { webhook } = create();
    publish('a', 'b');
    webhooks.saveProgress(webhook.id, { ...webhook.progress, derived: 2 });
    publish();
    expect(webhooks.derivedAfter(0, 10)).toEqual([]);
    publish('c');
    expect(webhooks.derivedAfter(0, 10)).toMatchObject([{ sequence: 3 }]);
  });

  it('are kept for the webhook that is furthest behind, up to 10,000', () => {
    create();
    const { webhook } = create();
    publish('a');
    webhooks.saveProgress(webhook.id, { ...webhook.progress, derived: 1 });
    publish('b');
    expect(webhooks.derivedAfter(0, 10)).toHaveLength(2);
    publish(...Array.from({ length: 10_050 }, () => 'c'));
    expect(webhooks.derivedAfter(0, 1)).toMatchObject([{ sequence: 53 }]);
  });

  it('before a webhook was created are not sent to it', () => {
    create();
    publish('a');
    expect(create().webhook.progress).toMatchObject({ change: 12, derived: 1 });
  });

  it('and the known findings are removed with the last webhook', () => {
    const { webhook } = create();
    expect(webhooks.knownFindings()).toBeUndefined();
    publish('a');
    expect(webhooks.knownFindings()).toEqual([]);
    webhooks.remove(webhook.id);
    create();
    expect(webhooks.knownFindings()).toBeUndefined();
    expect(webhooks.derivedAfter(0, 10)).toEqual([]);
  });
});
