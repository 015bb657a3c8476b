import type { ConfigurationRecord } from '../../application/ports/journal.ts';
import type { Administrator } from '../../application/ports/tokens.ts';
import type { Json } from '../../domain/canonical-json.ts';
import type { Connection } from '../file/connection.ts';
import { journalRefused } from '../file/journal-error.ts';
import { appendRecord, recordContent, type Draft, type RecordRow } from './record.ts';
import { storedTime, StoredObject } from './stored-object.ts';

/** How a configuration is stored. Its newest record is in effect. */
export interface ConfigurationForm<C> {
  readonly kind: 'guard' | 'desired';
  readonly encode: (config: C) => Json;
  /** @throws Error with the name of a field that differs */
  readonly decode: (stored: StoredObject) => C;
}

/** The newest record; `undefined` before the first, and in a file of an older version that is opened read-only. */
export function lastConfiguration<C>(connection: Connection, form: ConfigurationForm<C>): ConfigurationRecord<C> | undefined {
  const newest = `SELECT * FROM record WHERE kind = '${form.kind}' ORDER BY sequence DESC LIMIT 1`;
  const row = connection.prepare<[], RecordRow>(newest).get();
  try {
    return row && decodeConfiguration(row, form);
  } catch (error) {
    throw journalRefused(connection.name, `record ${row?.sequence ?? 0} cannot be parsed: ${String(error)}`);
  }
}

/** Records the configuration again if its newest record is not after `through`. To be called in a transaction. */
export function carryConfiguration<C>(
  connection: Connection,
  form: ConfigurationForm<C>,
  { through, by, at }: { readonly through: number; readonly by: Administrator; readonly at: Date },
): void {
  const last = lastConfiguration(connection, form);
  if (last && last.sequence <= through) appendRecord(connection, configurationDraft({ ...last, before: last.config, by, at }, form));
}

export function configurationDraft<C>(
  { config, before, afterChange, by, at }: Omit<ConfigurationRecord<C>, 'sequence'>,
  { kind, encode }: ConfigurationForm<C>,
): Draft {
  const { actor, requestId } = by;
  const content = recordContent({
    actor: { tokenId: actor.tokenId, name: actor.name, peer: actor.peer },
    requestId,
    afterChange,
    before: before && encode(before),
    after: encode(config),
  });
  return { kind, changeId: 0, at, content };
}

export function decodeConfiguration<C>(
  { sequence, recorded_at, content }: RecordRow,
  { decode }: ConfigurationForm<C>,
): ConfigurationRecord<C> {
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
    before: before && decode(before),
    config: decode(stored.object('after')),
  };
}
