import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHANGE_KINDS,
  OUTCOME_NAMES,
  type ConfirmWindow,
  type Failure,
  type Intent,
  type Observation,
  type Outcome,
} from '../../../src/domain/change.ts';
import { DELETION_KINDS, type DeletedEntries, type DeletionRequest } from '../../../src/domain/deletion.ts';
import {
  SKIP_REASONS,
  UPDATE_KINDS,
  UPDATE_RESULTS,
  type EntryUpdateRequest,
  type UpdatedEntries,
} from '../../../src/domain/entry-update.ts';
import type { Entry } from '../../../src/domain/entry.ts';
import { ERROR_CODES } from '../../../src/domain/error-codes.ts';
import { decodeIntent, encodeIntent } from '../../../src/journal/record/intent-content.ts';
import { decodeOutcome, encodeOutcome } from '../../../src/journal/record/outcome-content.ts';
import { arbitraryEntry } from '../../support/arbitrary-entry.ts';
import { intent } from '../../support/intent.ts';

const text = fc.string({ unit: 'binary' });
const time = fc.date({ min: new Date('1970-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
const bytes = fc.uint8Array({ maxLength: 64 }).map((octets) => Buffer.from(octets).toString('latin1'));
const content = fc.option(bytes, { nil: null });
const integer = fc.maxSafeInteger();

/** Objects with the usual prototype, as the product creates them. */
const plain = { noNullPrototype: true } as const;

const confirmWindow: fc.Arbitrary<ConfirmWindow> = fc.record(
  {
    withinSeconds: integer,
    deadline: fc.record({ bootId: fc.option(text, { nil: null }), milliseconds: integer }, plain),
    persist: fc.boolean(),
    last: fc.constant(true as const),
  },
  { requiredKeys: ['withinSeconds', 'deadline', 'persist'], ...plain },
);

const deletion: fc.Arbitrary<DeletionRequest> = fc.record(
  {
    what: fc.constantFrom(...DELETION_KINDS),
    ...{ namespace: fc.option(text), entry: fc.option(text), filter: fc.option(text) },
    ...{ expected: fc.option(integer), matched: fc.option(integer), limit: fc.option(integer) },
  },
  plain,
);
const plainEntry = arbitraryEntry.map((entry) => JSON.parse(JSON.stringify(entry)) as Entry);
const deleted = fc.record(
  { count: integer, gone: integer, entries: fc.array(plainEntry, { maxLength: 3 }) },
  { requiredKeys: ['count', 'gone'], ...plain },
) as fc.Arbitrary<DeletedEntries>;

const updateFields = { mark: integer, markMask: integer, timeoutSeconds: integer, labels: fc.array(integer), addLabels: fc.array(integer) };
const values = fc.record({ ...updateFields, removeLabels: fc.array(integer) }, { requiredKeys: [], ...plain });
const update = fc.record(
  {
    ...{ what: fc.constantFrom(...UPDATE_KINDS), update: fc.option(values), startedAt: text, filter: fc.option(text) },
    ...{ expected: fc.option(integer), matched: fc.option(integer), limit: fc.option(integer), selected: integer },
    entries: fc.array(fc.record({ entry: plainEntry, update: values }, { requiredKeys: ['entry'], ...plain }), { maxLength: 3 }),
    skipped: fc.array(fc.record({ id: text, reason: fc.constantFrom(...SKIP_REASONS) }, plain)),
  },
  { requiredKeys: ['what', 'update', 'filter', 'expected', 'matched', 'limit', 'selected'], ...plain },
) as fc.Arbitrary<EntryUpdateRequest>;
const refusal = fc.record({ errno: text, message: text }, { requiredKeys: ['message'], ...plain });
const updated = fc.record(
  {
    counts: fc.record(Object.fromEntries(UPDATE_RESULTS.map((result) => [result, integer])), plain),
    entries: fc.array(
      fc.record({ result: fc.constantFrom(...UPDATE_RESULTS), after: values, failure: refusal }, { requiredKeys: ['result'], ...plain }),
    ),
  },
  { requiredKeys: ['counts'], ...plain },
) as fc.Arbitrary<UpdatedEntries>;

const withoutDeletion = fc.record(
  {
    kind: fc.constantFrom(...CHANGE_KINDS),
    startedAt: time,
    bootId: fc.option(text, { nil: null }),
    actor: fc.record({ tokenId: text, name: text, peer: text }, plain),
    requestId: text,
    reason: fc.option(text, { nil: null }),
    rollbackOf: fc.option(integer, { nil: null }),
    relatesTo: fc.option(integer, { nil: null }),
    confirm: fc.option(confirmWindow, { nil: null }),
    idempotency: fc.option(fc.record({ key: text, fingerprint: text }, plain), { nil: null }),
    acknowledged: fc.array(text),
    settings: fc.array(fc.record({ name: text, before: integer, requested: integer }, plain)),
    files: fc.array(fc.record({ path: text, before: content, after: content }, plain)),
  },
  plain,
);
const intents: fc.Arbitrary<Intent> = fc
  .tuple(withoutDeletion, fc.option(deletion), fc.option(update))
  .map(([parts, asked, wanted]) => ({ ...parts, ...(asked && { deletion: asked }), ...(wanted && { update: wanted }) }));

const observed: fc.Arbitrary<Observation> = fc.record(
  {
    settings: fc.dictionary(text, fc.option(integer, { nil: null }), plain),
    files: fc.dictionary(text, content, plain),
  },
  plain,
);
const failure: fc.Arbitrary<Failure> = fc
  .record({ code: fc.constantFrom(...ERROR_CODES), message: text, errno: text }, { requiredKeys: ['code', 'message'], ...plain })
  .map((parts) => parts as Failure);

function outcomes(outcome: Outcome['outcome']): fc.Arbitrary<Outcome> {
  const needed = fc.record({ completedAt: time, observed, outcome: fc.constant(outcome), ...failuresOf(outcome) }, plain);
  const rest = outcome === 'diverged' ? { deleted, updated, failure } : { deleted, updated };
  return fc
    .tuple(needed, fc.record<Partial<Outcome>>(rest, { requiredKeys: [], ...plain }))
    .map((parts) => Object.assign({}, ...parts) as Outcome);
}

function failuresOf(outcome: Outcome['outcome']): object {
  switch (outcome) {
    case 'failed':
    case 'not-effective':
      return { failure };
    case 'restore-failed':
      return { failure, restoreFailure: failure };
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
    case 'diverged':
      return {};
  }
}

/** The content of an intent that is valid except for the fields in `rest`. */
function stored(rest: object): string {
  const actor = { name: 'n', peer: 'p', tokenId: 't' };
  return JSON.stringify({ kind: 'change', bootId: null, actor, requestId: 'r', reason: null, rollbackOf: null, relatesTo: null, ...rest });
}

describe('the content of a record', () => {
  it('restores any intent: text beyond ASCII, files of any bytes', () => {
    fc.assert(
      fc.property(intents, (intent) => {
        expect(decodeIntent(encodeIntent(intent), intent.startedAt.toISOString())).toStrictEqual(intent);
      }),
    );
  });

  it.each(OUTCOME_NAMES.filter((name) => name !== 'pending'))('restores any outcome %s', (name) => {
    fc.assert(
      fc.property(outcomes(name), (outcome) => {
        expect(decodeOutcome(encodeOutcome(outcome), outcome.completedAt.toISOString())).toStrictEqual(outcome);
      }),
    );
  });

  it('has no deletion unless the change deletes entries', () => {
    expect(encodeIntent(intent())).toBe(
      '{"acknowledged":[],"actor":{"name":"night-shift","peer":"127.0.0.1","tokenId":"a1b2c3d4e5f6"},' +
        '"bootId":"2f1e6f3c-5a57-4b21-9d3e-0f6a8f1f9d11","confirm":null,"files":[],"idempotency":null,"kind":"change",' +
        '"reason":"black friday","relatesTo":null,"requestId":"req-1","rollbackOf":null,"settings":[{"before":65536,"name":"max","requested":131072}]}',
    );
    const ending = { completedAt: new Date(0), observed: { settings: {}, files: {} } };
    expect(encodeOutcome({ ...ending, outcome: 'diverged' })).toBe('{"observed":{"files":{},"settings":{}},"outcome":"diverged"}');
  });

  it('contains only the fields of the record format', () => {
    const [sample] = fc.sample(intents, 1);
    if (!sample) throw new Error('no sample');
    expect(encodeIntent({ ...sample, secret: 'x' } as Intent)).toBe(encodeIntent(sample));
  });

  it.each([
    ['{"kind":"wish","actor":{}}', `kind: expected one of ${CHANGE_KINDS.join(', ')}, found "wish"`],
    ['[]', 'content: expected an object, found []'],
    ['{"kind":"change","actor":{"name":"n","tokenId":7}}', 'bootId: expected text, found nothing'],
    ['{"kind":"change","bootId":null,"actor":{"name":"n","tokenId":7}}', 'actor.tokenId: expected text, found 7'],
    [stored({ confirm: 60 }), 'confirm: expected an object, found 60'],
    [
      stored({ confirm: { withinSeconds: 60, deadline: { bootId: null, milliseconds: '1' } } }),
      'confirm.deadline.milliseconds: expected an integer',
    ],
    [
      stored({ confirm: { withinSeconds: 60, deadline: { bootId: null, milliseconds: 1 }, persist: 1 } }),
      'confirm.persist: expected true or false',
    ],
    [stored({ confirm: null, idempotency: { key: 'k' } }), 'idempotency.fingerprint: expected text, found nothing'],
    [stored({ confirm: null, idempotency: null, acknowledged: ['A', 1] }), 'acknowledged[1]: expected text, found 1'],
  ])('refuses an intent %s', (text, message) => {
    expect(() => decodeIntent(text, '2026-01-01T00:00:00.000Z')).toThrow(message);
  });

  it.each([
    ['{"outcome":"pending","observed":{"settings":{},"files":{}}}', 'outcome: expected one of applied'],
    ['{"outcome":"applied","observed":{"settings":{"max":"1"},"files":{}}}', 'observed.settings.max: expected an integer, found "1"'],
    ['{"outcome":"failed","observed":{"settings":{},"files":{}}}', 'failure: expected an object, found nothing'],
  ])('refuses an outcome %s', (text, message) => {
    expect(() => decodeOutcome(text, '2026-01-01T00:00:00.000Z')).toThrow(message);
  });

  it('refuses an invalid time', () => {
    expect(() =>
      decodeOutcome(
        encodeOutcome({ outcome: 'applied', completedAt: new Date(0), observed: { settings: {}, files: {} } }),
        '9999-99-99T00:00:00.000Z',
      ),
    ).toThrow('expected a time');
  });
});
