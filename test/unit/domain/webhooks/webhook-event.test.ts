import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Schemas, type OpenApi } from '../../../contract/schemas.ts';
import type { ChangeKind, ClosedChange, OutcomeName } from '../../../../src/domain/change.ts';
import { changeEventId, changeEventType, WEBHOOK_EVENTS, WEBHOOK_EVENT_TYPES } from '../../../../src/domain/webhooks/webhook-event.ts';

const typeOf = (kind: ChangeKind, outcome: OutcomeName, others: object = {}): string =>
  changeEventType({ kind, outcome, confirm: null, ...others } as unknown as ClosedChange).replace('io.conntrack-api.', '');
const WINDOW = { confirm: { withinSeconds: 60 } };
const GUARD = { guard: { trigger: 'level' } };

describe('the event of a change', () => {
  it.each([
    ['change', 'applied', {}, 'change.applied'],
    ['change', 'adjusted', {}, 'change.applied'],
    ['change', 'recovered-applied', {}, 'change.applied'],
    ['deletion', 'applied', {}, 'change.applied'],
    ['change', 'applied', WINDOW, 'change.awaiting-confirmation'],
    ['window-extended', 'applied', {}, 'change.awaiting-confirmation'],
    ['confirmation', 'applied', {}, 'change.confirmed'],
    ['rollback', 'applied', {}, 'change.reverted'],
    ['rollback-to', 'applied', {}, 'change.reverted'],
    ['auto-revert', 'applied', {}, 'change.reverted'],
    ['auto-revert', 'restore-failed', {}, 'change.failed'],
    ['change', 'failed', WINDOW, 'change.failed'],
    ['change', 'recovered-unchanged', {}, 'change.failed'],
    ['deletion', 'diverged', {}, 'change.failed'],
    ['drift', 'applied', {}, 'drift.detected'],
    ['change', 'applied', GUARD, 'guard.raised'],
    ['change', 'failed', GUARD, 'change.failed'],
  ] as const)('%s that is %s %j is %s', (kind, outcome, others, type) => {
    expect(typeOf(kind, outcome, others)).toBe(type);
  });

  it('has an id without dots, which differs for a change of another journal', () => {
    const first = changeEventId({ id: 7, startedAt: new Date(1_000) } as ClosedChange);
    expect(first).toBe('change-7-1000');
    expect(changeEventId({ id: 7, startedAt: new Date(2_000) } as ClosedChange)).not.toBe(first);
  });
});

describe('docs/webhooks.md', () => {
  const page = readFileSync('docs/webhooks.md', 'utf8');
  const shown = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => JSON.parse(text) as { readonly type: string; readonly data: object },
  );

  it('has an example of each type, and no other', () => {
    expect(shown.map(({ type }) => type)).toEqual(WEBHOOK_EVENT_TYPES);
  });

  it('explains each type as the code does', () => {
    const rows = [...page.matchAll(/^\| `(io\.\S+)` +\| (.*?) +\|$/gm)].map(([, type, meaning]) => [type, meaning]);
    expect(Object.fromEntries(rows)).toEqual(WEBHOOK_EVENTS);
  });

  it('shows data that matches the OpenAPI document', () => {
    const schemas = new Schemas(parse(readFileSync('openapi/openapi.yaml', 'utf8')) as OpenApi);
    for (const { type, data } of shown) {
      const schema = type.includes('.finding.') ? 'TableFinding' : 'Change';
      expect(schemas.named(schema)(data), type).toBe(true);
    }
  });
});
