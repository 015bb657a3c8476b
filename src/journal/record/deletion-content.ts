import { DELETION_KINDS, type DeletedEntries, type DeletionRequest } from '../../domain/deletion.ts';
import type { Json } from '../../domain/canonical-json.ts';
import { decodeEntry, encodeEntry } from './entry-content.ts';
import type { StoredObject } from './stored-object.ts';

export function encodeRequest({
  what,
  namespace,
  entry,
  startedAt,
  filter,
  expected,
  matched,
  limit,
  blockSeconds,
}: DeletionRequest): Json {
  const start = startedAt === undefined ? {} : { startedAt };
  return { what, namespace, entry, ...start, filter, expected, matched, limit, ...(blockSeconds !== undefined && { blockSeconds }) };
}

export function decodeRequest(stored: StoredObject): DeletionRequest {
  return {
    what: stored.oneOf('what', DELETION_KINDS),
    namespace: stored.textOrNull('namespace'),
    entry: stored.textOrNull('entry'),
    ...stored.optional(['startedAt'], (name) => stored.text(name)),
    filter: stored.textOrNull('filter'),
    expected: stored.integerOrNull('expected'),
    matched: stored.integerOrNull('matched'),
    limit: stored.integerOrNull('limit'),
    ...stored.optional(['blockSeconds'], (name) => stored.integer(name)),
  };
}

export function encodeDeleted({ count, gone, entries, ended }: DeletedEntries): Json {
  return { count, gone, ...(entries && { entries: entries.map(encodeEntry) }), ...(ended && { ended: { ...ended } }) };
}

export function decodeDeleted(stored: StoredObject): DeletedEntries {
  const ended = stored.optionalObject('ended');
  return {
    count: stored.integer('count'),
    gone: stored.integer('gone'),
    ...stored.optional(['entries'], (name) => stored.list(name).map(decodeEntry)),
    ...(ended && { ended: { sockets: ended.integer('sockets'), skipped: ended.integer('skipped') } }),
  };
}
