import type { GuardRecord } from '../../application/ports/journal.ts';
import type { Administrator } from '../../application/ports/tokens.ts';
import type { Json } from '../../domain/canonical-json.ts';
import {
  GUARD_BUCKETS,
  GUARD_LIMITS,
  GUARD_PERSIST,
  GUARD_TRIGGERS,
  type GuardConfig,
  type GuardEvidence,
} from '../../domain/guard/guard-config.ts';
import type { Connection } from '../file/connection.ts';
import { journalRefused } from '../file/journal-error.ts';
import { appendRecord, recordContent, type Draft, type RecordRow } from './record.ts';
import { storedTime, StoredObject } from './stored-object.ts';

const NEWEST = "SELECT * FROM record WHERE kind = 'guard' ORDER BY sequence DESC LIMIT 1";

/** The newest record; `undefined` before the first, and in a file of an older version that is opened read-only. */
export function lastGuard(connection: Connection): GuardRecord | undefined {
  const row = connection.prepare<[], RecordRow>(NEWEST).get();
  try {
    return row && decodeGuard(row);
  } catch (error) {
    throw journalRefused(connection.name, `record ${row?.sequence ?? 0} cannot be parsed: ${String(error)}`);
  }
}

/** Records the configuration again if its newest record is not after `through`. To be called in a transaction. */
export function carryGuard(connection: Connection, through: number, by: Administrator, at: Date): void {
  const last = lastGuard(connection);
  if (last && last.sequence <= through) appendRecord(connection, guardDraft({ ...last, before: last.config, by, at }));
}

/** Shares are text, because a record contains integers only. */
export function guardDraft({ config, before, afterChange, by, at }: Omit<GuardRecord, 'sequence'>): Draft {
  const { actor, requestId } = by;
  const content = recordContent({
    actor: { tokenId: actor.tokenId, name: actor.name, peer: actor.peer },
    requestId,
    afterChange,
    before: before && encodeConfig(before),
    after: encodeConfig(config),
  });
  return { kind: 'guard', changeId: 0, at, content };
}

function encodeConfig({
  enabled,
  raiseAt,
  predictSeconds,
  factor,
  ceiling,
  memoryShare,
  cooldownSeconds,
  buckets,
  persist,
}: GuardConfig): Json {
  const shares = { raiseAt: String(raiseAt), factor: String(factor), memoryShare: String(memoryShare) };
  return { enabled, ...shares, predictSeconds, ceiling, cooldownSeconds, buckets, persist };
}

export function decodeGuard({ sequence, recorded_at, content }: RecordRow): GuardRecord {
  const stored = new StoredObject(JSON.parse(content));
  const actor = stored.object('actor');
  const before = stored.objectOrNull('before');
  return {
    sequence,
    at: storedTime(recorded_at),
    by: {
      actor: { tokenId: actor.text('tokenId'), name: actor.text('name'), peer: actor.text('peer') },
      requestId: stored.textOrNull('requestId'),
    },
    afterChange: stored.integer('afterChange'),
    before: before && decodeConfig(before),
    config: decodeConfig(stored.object('after')),
  };
}

function decodeConfig(stored: StoredObject): GuardConfig {
  return {
    enabled: stored.flag('enabled'),
    raiseAt: Number(stored.text('raiseAt')),
    predictSeconds: stored.integer('predictSeconds'),
    factor: Number(stored.text('factor')),
    ceiling: stored.integerOrNull('ceiling'),
    memoryShare: Number(stored.text('memoryShare')),
    cooldownSeconds: stored.integer('cooldownSeconds'),
    buckets: stored.oneOf('buckets', GUARD_BUCKETS),
    persist: stored.oneOf('persist', GUARD_PERSIST),
  };
}

/** @throws Error with the name of a field that differs */
export function decodeEvidence(stored: StoredObject): GuardEvidence {
  return {
    trigger: stored.oneOf('trigger', GUARD_TRIGGERS),
    count: stored.integer('count'),
    max: stored.integer('max'),
    ...stored.optional(['secondsToFull'], (name) => stored.integer(name)),
    limit: stored.integer('limit'),
    limitedBy: stored.oneOf('limitedBy', GUARD_LIMITS),
    persistAfterConfirm: stored.flag('persistAfterConfirm'),
  };
}
