import { describe, expect, it } from 'vitest';
import type { Change, Setting } from '../../../web/api/answers.ts';
import { missingFor } from '../../../web/change/acceptance.ts';
import { kindOf, summaryOf, whyNoRollback } from '../../../web/change/describe.ts';
import { readForm, type Typed } from '../../../web/change/read-form.ts';
import { editedTogether, groupSettings, isRemarkable } from '../../../web/panels/setting-groups.ts';
import { whyNot } from '../../../web/session/scopes.ts';

const setting = (name: string, more: Partial<Setting> = {}): Setting => ({
  ...{ name, key: `net.netfilter.nf_conntrack_${name}`, value: 1, unit: 'entries', minimum: 1, maximum: 2_147_483_647 },
  ...{ scope: 'host', description: '', writable: true },
  ...more,
});
const MAX = setting('max');
const BUCKETS = setting('buckets');
const typed = (more: Partial<Typed>): Typed => ({ values: {}, reason: '', persist: false, windowSeconds: '', ...more });

describe('the form', () => {
  it('asks for what is filled in, and for nothing else', () => {
    expect(readForm(typed({ values: { max: ' 131,072 ', buckets: '' } }), [MAX, BUCKETS])).toEqual({
      request: { settings: { max: 131_072 }, persist: false },
    });
    expect(readForm(typed({ values: { max: '5' }, reason: ' why ', persist: true, windowSeconds: '120' }), [MAX])).toEqual({
      request: { settings: { max: 5 }, persist: true, reason: 'why', confirmWithinSeconds: 120 },
    });
  });

  it.each(['0x20', '1e5', '-1', '1.5', '1,00', '0', '2147483648', 'many'])('takes %s for no number in range', (text) => {
    expect(readForm(typed({ values: { max: text } }), [MAX])).toEqual({
      errors: { max: 'Expected a whole number from 1 to 2,147,483,647.' },
    });
  });

  it.each(['9', '86401', '2m'])('takes %s for no confirmation window', (windowSeconds) => {
    expect(readForm(typed({ values: { max: '5' }, windowSeconds }), [MAX])).toEqual({
      errors: { windowSeconds: 'Expected a whole number from 10 to 86,400.' },
    });
  });

  it('asks for a change, be it only to persist what is live', () => {
    expect(readForm(typed({}), [MAX])).toHaveProperty('errors.max');
    expect(readForm(typed({ persist: true }), [MAX])).toEqual({ request: { settings: {}, persist: true } });
  });
});

describe('a plan', () => {
  const risk = (code: string, level: 'information' | 'warning' | 'acknowledge' | 'refused') => ({ code, level });

  it('is carried out when everything that has to be accepted is', () => {
    const risks = [risk('A', 'acknowledge'), risk('B', 'warning'), risk('C', 'information')];
    expect(missingFor(risks, [])).toBe('To be accepted first: A.');
    expect(missingFor(risks, ['A'])).toBeUndefined();
    expect(missingFor([], [])).toBeUndefined();
  });

  it('with a refused risk is not, whatever is accepted', () => {
    expect(missingFor([risk('A', 'acknowledge'), risk('R', 'refused')], ['A', 'R'])).toBe('Not done whatever is accepted: R.');
  });
});

describe('a change', () => {
  const change = (more: Partial<Change>): Change => ({
    ...{ id: 7, kind: 'change', outcome: 'applied', actor: { name: 'deploy', peer: '127.0.0.1' }, reason: null },
    ...{ startedAt: '2026-11-27T05:59:12.431Z', settings: [], files: [], rollbackOf: null, relatesTo: null },
    ...more,
  });

  it('is told in one line', () => {
    const settings = [{ name: 'buckets', before: 16_384, requested: 32_700, after: 32_768 }];
    expect(summaryOf(change({ settings }))).toBe('buckets 16,384 → 32,768');
    expect(summaryOf(change({ settings, files: [{ path: '/etc/x', before: null, after: '' }] }))).toBe(
      'buckets 16,384 → 32,768, 1 boot file',
    );
    const companion = { name: 'max', before: 65_536, requested: 65_536, after: 65_536 };
    expect(summaryOf(change({ settings: [companion, ...settings] }))).toBe('buckets 16,384 → 32,768');
    expect(summaryOf(change({}))).toBe('nothing on the host');
    expect(summaryOf(change({ deletion: { what: 'flush', filter: null, deletedCount: 1_200 } }))).toBe('1,200 entries: flush');
  });

  it('names the other change that it is about', () => {
    expect(kindOf({ kind: 'rollback', rollbackOf: 3, relatesTo: null })).toBe('rollback of 3');
    expect(kindOf({ kind: 'rollback-to', rollbackOf: null, relatesTo: 3 })).toBe('rollback to 3');
    expect(kindOf({ kind: 'confirmation', rollbackOf: null, relatesTo: 3 })).toBe('confirmation of 3');
    expect(kindOf({ kind: 'another', rollbackOf: null, relatesTo: null })).toBe('another');
  });

  it('can be rolled back when it left something', () => {
    const moved = [{ name: 'max', before: 1, requested: 2, after: 2 }];
    expect(whyNoRollback(change({ settings: moved }))).toBeUndefined();
    expect(whyNoRollback(change({ kind: 'deletion' }))).toContain('cannot be brought back');
    expect(whyNoRollback(change({ outcome: 'pending', settings: moved }))).toContain('still open');
    expect(whyNoRollback(change({ settings: [{ name: 'max', before: 1, requested: 2, after: 1 }] }))).toContain('left the host as it was');
  });
});

describe('settings', () => {
  it('are grouped, what sizes the table first', () => {
    const all = [setting('acct', { unit: 'boolean' }), BUCKETS, setting('tcp_loose'), MAX, setting('udp_timeout', { unit: 'seconds' })];
    expect(groupSettings(all).map(({ title, settings }) => [title, settings.map(({ name }) => name)])).toEqual([
      ['Size', ['max', 'buckets']],
      ['TCP', ['tcp_loose']],
      ['Other timeouts', ['udp_timeout']],
      ['Behaviour', ['acct']],
    ]);
  });

  it('max and buckets are changed in one form, as far as they can be written', () => {
    expect(editedTogether(MAX, [BUCKETS, MAX]).map(({ name }) => name)).toEqual(['max', 'buckets']);
    expect(editedTogether(MAX, [setting('buckets', { writable: false }), MAX]).map(({ name }) => name)).toEqual(['max']);
    expect(editedTogether(setting('acct'), [MAX]).map(({ name }) => name)).toEqual(['acct']);
  });

  it('are remarkable when others moved them or a reboot would', () => {
    expect(isRemarkable(MAX)).toBe(false);
    expect(isRemarkable(setting('max', { atNextBoot: { value: 1, origin: 'file' } }))).toBe(false);
    expect(isRemarkable(setting('max', { atNextBoot: { value: 2, origin: 'file' } }))).toBe(true);
    expect(isRemarkable(setting('max', { atNextBoot: { origin: 'unknown' } }))).toBe(false);
    expect(isRemarkable(setting('max', { drift: { from: 2, changeId: 1, seenAt: '', evidence: null } }))).toBe(true);
  });
});

it('a token that lacks scopes is told which', () => {
  const whoami = { name: 'little', scopes: ['table:read'] } as const;
  expect(whyNot(whoami, 'table:read')).toBeUndefined();
  expect(whyNot(whoami, 'settings:write', 'settings:persist')).toBe('Token “little” lacks the scopes settings:write and settings:persist.');
});
