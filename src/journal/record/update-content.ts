import type { Json } from '../../domain/canonical-json.ts';
import {
  SKIP_REASONS,
  UPDATE_KINDS,
  UPDATE_RESULTS,
  type EntryState,
  type EntryUpdate,
  type EntryUpdateRequest,
  type PlannedEntry,
  type RecordedResult,
  type SkippedEntry,
  type UpdatedEntries,
} from '../../domain/entry-update.ts';
import { decodeEntry, encodeEntry } from './entry-content.ts';
import type { StoredObject } from './stored-object.ts';

const INTEGERS = ['mark', 'markMask', 'timeoutSeconds'] as const;
const LABELS = ['labels', 'addLabels', 'removeLabels'] as const;

export function encodeUpdateRequest({ entries, skipped, startedAt, update, ...rest }: EntryUpdateRequest): Json {
  const { what, filter, expected, matched, limit, selected } = rest;
  return {
    ...{ what, filter, expected, matched, limit, selected },
    update: update && encodeUpdate(update),
    ...(startedAt !== undefined && { startedAt }),
    ...(entries && { entries: entries.map(encodePlanned) }),
    ...(skipped && { skipped: skipped.map(({ id, reason }) => ({ id, reason })) }),
  };
}

export function decodeUpdateRequest(stored: StoredObject): EntryUpdateRequest {
  const update = stored.objectOrNull('update');
  return {
    what: stored.oneOf('what', UPDATE_KINDS),
    update: update && decodeUpdate(update),
    ...stored.optional(['startedAt'], (name) => stored.text(name)),
    filter: stored.textOrNull('filter'),
    expected: stored.integerOrNull('expected'),
    matched: stored.integerOrNull('matched'),
    limit: stored.integerOrNull('limit'),
    selected: stored.integer('selected'),
    ...stored.optional(['entries'], (name) => stored.list(name).map(decodePlanned)),
    ...stored.optional(['skipped'], (name) => stored.list(name).map(decodeSkipped)),
  };
}

export function encodeUpdated({ counts, entries }: UpdatedEntries): Json {
  return {
    counts: Object.fromEntries(UPDATE_RESULTS.map((result) => [result, counts[result]])),
    ...(entries && { entries: entries.map(encodeResult) }),
  };
}

export function decodeUpdated(stored: StoredObject): UpdatedEntries {
  const counts = stored.object('counts');
  return {
    counts: Object.fromEntries(UPDATE_RESULTS.map((result) => [result, counts.integer(result)])) as UpdatedEntries['counts'],
    ...stored.optional(['entries'], (name) => stored.list(name).map(decodeResult)),
  };
}

function encodePlanned({ entry, update }: PlannedEntry): Json {
  return { entry: encodeEntry(entry), ...(update && { update: encodeUpdate(update) }) };
}

function decodePlanned(stored: StoredObject): PlannedEntry {
  const update = stored.optionalObject('update');
  return { entry: decodeEntry(stored.object('entry')), ...(update && { update: decodeUpdate(update) }) };
}

function decodeSkipped(stored: StoredObject): SkippedEntry {
  return { id: stored.text('id'), reason: stored.oneOf('reason', SKIP_REASONS) };
}

function encodeResult({ result, after, failure }: RecordedResult): Json {
  return { result, ...(after && { after: encodeUpdate(after) }), ...(failure && { failure: { ...failure } }) };
}

function decodeResult(stored: StoredObject): RecordedResult {
  const after = stored.optionalObject('after');
  const failure = stored.optionalObject('failure');
  return {
    result: stored.oneOf('result', UPDATE_RESULTS),
    ...(after && { after: decodeUpdate(after) }),
    ...(failure && {
      failure: { ...failure.optional(['errno'], (name) => failure.text(name)), message: failure.text('message') },
    }),
  };
}

function encodeUpdate(update: EntryUpdate & EntryState): Json {
  const present = [...INTEGERS, ...LABELS].filter((name) => update[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, update[name] as Json]));
}

function decodeUpdate(stored: StoredObject): EntryUpdate {
  return {
    ...stored.optional(INTEGERS, (name) => stored.integer(name)),
    ...stored.optional(LABELS, (name) => stored.integers(name)),
  };
}
