import type { Json } from '../../domain/canonical-json.ts';
import {
  GUARD_BUCKETS,
  GUARD_LIMITS,
  GUARD_PERSIST,
  GUARD_TRIGGERS,
  type GuardConfig,
  type GuardEvidence,
} from '../../domain/guard/guard-config.ts';
import type { ConfigurationForm } from './configuration-content.ts';
import type { StoredObject } from './stored-object.ts';

/** Shares are text, because a record contains integers only. */
export const GUARD: ConfigurationForm<GuardConfig> = { kind: 'guard', encode: encodeConfig, decode: decodeConfig };

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
