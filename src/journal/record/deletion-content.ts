import { DELETION_KINDS, type DeletedEntries, type DeletionRequest } from '../../domain/deletion.ts';
import type { Json } from '../../domain/canonical-json.ts';
import { decodeEntry, encodeEntry } from './entry-content.ts';
import type { StoredObject } from './stored-object.ts';

export function encodeRequest({ what, namespace, entry, startedAt, filter, expected, matched, limit }: DeletionRequest): Json {
  return { what, namespace, entry, ...(startedAt !== undefined && { startedAt }), filter, expected, matched, limit };
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
  };
}

export function encodeDeleted({ count, gone, entries }: DeletedEntries): Json {
  return { count, gone, ...(entries && { entries: entries.map(encodeEntry) }) };
}

export function decodeDeleted(stored: StoredObject): DeletedEntries {
  return {
    count: stored.integer('count'),
    gone: stored.integer('gone'),
    ...stored.optional(['entries'], (name) => stored.list(name).map(decodeEntry)),
  };
}
