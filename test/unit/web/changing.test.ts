import { describe, expect, it } from 'vitest';
import type { Change, Setting } from '../../../web/api/documents.ts';
import { kindOf, missingFor, namespaceOf, summaryOf, whyNoRollback } from '../../../web/change/describe.ts';
import { readForm, type Typed } from '../../../web/change/read-form.ts';
import { editedTogether, groupSettings, needsAttention } from '../../../web/panels/setting-groups.ts';
import { whyNot } from '../../../web/session/scopes.ts';

const setting = (name: string, more: Partial<Setting> = {}): Setting => ({
  ...{ name, key: `net.netfilter.nf_conntrack_${name}`, value: 1, unit: 'entries', minimum: 1, maximum: 2_147_483_647 },
  ...{ scope: 'host', description: '', writable: true, atNextBoot: { origin: 'unknown' } },
  ...more,
});
const MAX = setting('max');
const BUCKETS = setting('buckets');
const typed = (more: Partial<Typed>): Typed => ({ values: {}, reason: '', persist: false, windowSeconds: '', ...more });

describe('the form', () => {
  it('requests only the filled fields', () => {
    expect(readForm(typed({ values: { max: ' 131,072 ', buckets: '' } }), [MAX, BUCKETS])).toEqual({
      request: { settings: { max: 131_072 }, persist: false },
    });
    expect(readForm(typed({ values: { max: '5' }, reason: ' why ', persist: true, windowSeconds: '120' }), [MAX])).toEqual({
      request: { settings: { max: 5 }, persist: true, reason: 'why', confirmWithinSeconds: 120 },
    });
  });

  it.each(['0x20', '1e5', '-1', '1.5', '1,00', '0', '2147483648', 'many'])('refuses %s as a value', (text) => {
    expect(readForm(typed({ values: { max: text } }), [MAX])).toEqual({
      errors: { max: 'Expected a whole number from 1 to 2,147,483,647.' },
    });
  });

  it.each(['9', '86401', '2m'])('refuses %s as a confirmation window', (windowSeconds) => {
    expect(readForm(typed({ values: { max: '5' }, windowSeconds }), [MAX])).toEqual({
      errors: { windowSeconds: 'Expected a whole number from 10 to 86,400.' },
    });
  });

  it('requires a value or the persisting of live values', () => {
    expect(readForm(typed({}), [MAX])).toHaveProperty('errors.max');
    expect(readForm(typed({ persist: true }), [MAX])).toEqual({ request: { settings: {}, persist: true } });
  });
});

describe('a plan', () => {
  const risk = (code: string, level: 'information' | 'warning' | 'acknowledge' | 'refused') => ({ code, level });

  it('can be applied when all required risks are accepted', () => {
    const risks = [risk('A', 'acknowledge'), risk('B', 'warning'), risk('C', 'information')];
    expect(missingFor(risks, [])).toBe('Accept first: A.');
    expect(missingFor(risks, ['A'])).toBeUndefined();
    expect(missingFor([], [])).toBeUndefined();
  });

  it('with a refused risk cannot be applied, regardless of accepted risks', () => {
    expect(missingFor([risk('A', 'acknowledge'), risk('R', 'refused')], ['A', 'R'])).toBe('Refused because of R.');
  });
});

describe('a change', () => {
  const change = (more: Partial<Change>): Change => ({
    ...{ id: 7, kind: 'change', outcome: 'applied', actor: { name: 'deploy', tokenId: '3f9c2ab81d04', peer: '127.0.0.1' }, reason: null },
    ...{ startedAt: '2026-11-27T05:59:12.431Z', settings: [], files: [], rollbackOf: null, relatesTo: null },
    ...{ requestId: 'req-1', acknowledged: [] },
    ...more,
  });

  const FLUSH: Change['deletion'] = {
    ...{ namespace: null, entry: null, filter: null, expectedCount: null, matchedCount: null, limit: null },
    ...{ what: 'flush', deletedCount: 1_200 },
  };

  it('is described in one line', () => {
    const settings = [{ name: 'buckets', before: 16_384, requested: 32_700, after: 32_768 }];
    expect(summaryOf(change({ settings }))).toBe('buckets 16,384 → 32,768');
    expect(summaryOf(change({ settings, files: [{ path: '/etc/x', before: null, after: '' }] }))).toBe(
      'buckets 16,384 → 32,768, 1 boot file',
    );
    const companion = { name: 'max', before: 65_536, requested: 65_536, after: 65_536 };
    expect(summaryOf(change({ settings: [companion, ...settings] }))).toBe('buckets 16,384 → 32,768');
    expect(summaryOf(change({}))).toBe('no effect on the host');
    expect(summaryOf(change({ deletion: FLUSH }))).toBe('1,200 entries: flush');
  });

  it('names the network namespace, unless it is that of the service', () => {
    const namespace = { name: 'blue', identity: '8f2a6b0e:4:4026532177:2404' };
    const settings = [{ name: 'udp_timeout', before: 30, requested: 60, after: 60 }];
    expect(summaryOf(change({ settings, namespace }))).toBe('udp_timeout 30 → 60 in namespace blue');
    expect(summaryOf(change({ namespace }))).toBe('no effect on the host');
    expect(summaryOf(change({ deletion: { ...FLUSH, namespace: 'red' } }))).toBe('1,200 entries in namespace red: flush');
    expect([namespaceOf(change({ namespace })), namespaceOf(change({ deletion: FLUSH })), namespaceOf(change({}))]).toEqual([
      'blue',
      undefined,
      undefined,
    ]);
  });

  it('that deleted entries shows the filter, or that it is withheld', () => {
    const withheld: Change['deletion'] = {
      ...{ namespace: null, expectedCount: null, matchedCount: null, limit: null, what: 'flush', deletedCount: 1_200 },
      entriesWithheld: 'The token lacks the scope entries:read.',
    };
    expect(summaryOf(change({ deletion: { ...FLUSH, what: 'filter', filter: 'protocol=udp' } }))).toBe('1,200 entries: protocol=udp');
    expect(summaryOf(change({ deletion: { ...withheld, what: 'filter' } }))).toBe('1,200 entries: by a filter, withheld');
    expect(summaryOf(change({ deletion: { ...withheld, what: 'entry', deletedCount: 1 } }))).toBe('1 entries: one entry, withheld');
    expect(summaryOf(change({ deletion: withheld }))).toBe('1,200 entries: flush');
  });

  it('of entries is described with what was set, and can be rolled back if it updated any', () => {
    const nothing = { expectedCount: null, matchedCount: null, limit: null };
    const update: NonNullable<Change['update']> = {
      ...{ what: 'filter', filter: 'protocol=udp', selectedCount: 1_300, updatedCount: 1_200, ...nothing },
      requested: { mark: 16, markMask: 255, timeoutSeconds: 3_600, addLabels: [3, 5] },
    };
    expect(summaryOf(change({ update }))).toBe('1,200 entries: protocol=udp, mark 16/255, timeout 3,600 s, labels added: 3 5');
    const one = { ...update, what: 'entry' as const, filter: null, updatedCount: 1, requested: { labels: [] } };
    expect(summaryOf(change({ update: one }))).toBe('1 entry: entry, labels none');
    expect(summaryOf(change({ update: { ...one, what: 'rollback', requested: null } }))).toBe('1 entry: rollback');
    expect(kindOf({ kind: 'entry-update', rollbackOf: null, relatesTo: null })).toBe('entries updated');
    expect(whyNoRollback(change({ kind: 'entry-update', update }))).toBeUndefined();
    expect(whyNoRollback(change({ kind: 'entry-update', update: { ...update, updatedCount: 0 } }))).toContain('no effect');
  });

  it('names the change that it refers to', () => {
    expect(kindOf({ kind: 'rollback', rollbackOf: 3, relatesTo: null })).toBe('rollback of 3');
    expect(kindOf({ kind: 'rollback-to', rollbackOf: null, relatesTo: 3 })).toBe('rollback to 3');
    expect(kindOf({ kind: 'confirmation', rollbackOf: null, relatesTo: 3 })).toBe('confirmation of 3');
    expect(kindOf({ kind: 'reapply', rollbackOf: null, relatesTo: null })).toBe('re-applied after a reboot');
    expect(kindOf({ kind: 'module-load', rollbackOf: null, relatesTo: null })).toBe('module loaded');
    expect(kindOf({ kind: 'another', rollbackOf: null, relatesTo: null })).toBe('another');
  });

  it('can be rolled back if it had an effect', () => {
    const settings = [{ name: 'max', before: 1, requested: 2, after: 2 }];
    expect(whyNoRollback(change({ settings }))).toBeUndefined();
    expect(whyNoRollback(change({ kind: 'deletion' }))).toContain('cannot be restored');
    expect(whyNoRollback(change({ outcome: 'pending', settings }))).toContain('still pending');
    expect(whyNoRollback(change({ settings: [{ name: 'max', before: 1, requested: 2, after: 1 }] }))).toContain('no effect on the host');
  });
});

describe('settings', () => {
  it('are grouped, with the size of the table first', () => {
    const all = [setting('acct', { unit: 'boolean' }), BUCKETS, setting('tcp_loose'), MAX, setting('udp_timeout', { unit: 'seconds' })];
    expect(groupSettings(all).map(({ title, settings }) => [title, settings.map(({ name }) => name)])).toEqual([
      ['Size', ['max', 'buckets']],
      ['TCP', ['tcp_loose']],
      ['Other timeouts', ['udp_timeout']],
      ['Behaviour', ['acct']],
    ]);
  });

  it('max and buckets share a form when both are writable', () => {
    expect(editedTogether(MAX, [BUCKETS, MAX]).map(({ name }) => name)).toEqual(['max', 'buckets']);
    expect(editedTogether(MAX, [setting('buckets', { writable: false }), MAX]).map(({ name }) => name)).toEqual(['max']);
    expect(editedTogether(setting('acct'), [MAX]).map(({ name }) => name)).toEqual(['acct']);
  });

  it('need attention after a change outside this service, or when a reboot would change them', () => {
    expect(needsAttention(MAX)).toBe(false);
    expect(needsAttention(setting('max', { atNextBoot: { value: 1, origin: 'file' } }))).toBe(false);
    expect(needsAttention(setting('max', { atNextBoot: { value: 2, origin: 'file' } }))).toBe(true);
    expect(needsAttention(setting('max', { atNextBoot: { origin: 'unknown' } }))).toBe(false);
    expect(needsAttention(setting('max', { drift: { from: 2, changeId: 1, seenAt: '', evidence: null } }))).toBe(true);
  });
});

it('names the scopes that a token lacks', () => {
  const whoami = { name: 'little', scopes: ['table:read'] } as const;
  expect(whyNot(whoami, 'table:read')).toBeUndefined();
  expect(whyNot(whoami, 'settings:write', 'settings:persist')).toBe('Token “little” lacks the scopes settings:write and settings:persist.');
});
