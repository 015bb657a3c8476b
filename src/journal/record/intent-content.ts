import {
  CHANGE_KINDS,
  type ConfirmWindow,
  type FileChange,
  type Idempotency,
  type Intent,
  type SettingChange,
} from '../../domain/change.ts';
import { subjectIn, type NamespaceRef } from '../../domain/namespace.ts';
import { decodeRequest, encodeRequest } from './deletion-content.ts';
import { decodeEvidence } from './guard-content.ts';
import { recordContent } from './record.ts';
import { decodeUpdateRequest, encodeUpdateRequest } from './update-content.ts';
import { storedTime, StoredObject } from './stored-object.ts';

/** The content of an intent's record. `startedAt` is the time of the record and not repeated here. */
export function encodeIntent(intent: Intent): string {
  const { kind, bootId, actor, requestId, reason, rollbackOf, relatesTo, confirm, idempotency, acknowledged, settings, files } = intent;
  const { deletion, update, namespace, traceparent, guard } = intent;
  return recordContent({
    kind,
    bootId,
    actor: { tokenId: actor.tokenId, name: actor.name, peer: actor.peer },
    requestId,
    reason,
    rollbackOf,
    relatesTo,
    confirm: confirm && {
      withinSeconds: confirm.withinSeconds,
      deadline: { bootId: confirm.deadline.bootId, milliseconds: confirm.deadline.milliseconds },
      persist: confirm.persist,
      ...(confirm.last && { persistLast: true }),
    },
    idempotency: idempotency && { key: idempotency.key, fingerprint: idempotency.fingerprint },
    acknowledged,
    // Like a deletion, only where there is one, so that the text of every other intent stays the same as in earlier versions.
    ...(traceparent !== undefined && { traceparent }),
    ...(namespace && { namespace: { name: namespace.name, identity: namespace.identity } }),
    settings: settings.map(({ name, before, requested, confirmedBefore }) => ({
      name: subjectIn(namespace, name),
      before,
      requested,
      ...(confirmedBefore !== undefined && { confirmedBefore }),
    })),
    files: files.map(({ path, before, after }) => ({ path, before, after })),
    ...(deletion && { deletion: encodeRequest(deletion) }),
    ...(update && { update: encodeUpdateRequest(update) }),
    ...(guard && { guard: { ...guard } }),
  });
}

/** @throws Error with the name of a field that differs from what {@link encodeIntent} writes */
export function decodeIntent(content: string, recordedAt: string): Intent {
  const stored = new StoredObject(JSON.parse(content));
  const actor = stored.object('actor');
  const deletion = stored.optionalObject('deletion');
  const update = stored.optionalObject('update');
  const guard = stored.optionalObject('guard');
  const namespace = decodeNamespace(stored.optionalObject('namespace'));
  return {
    kind: stored.oneOf('kind', CHANGE_KINDS),
    startedAt: storedTime(recordedAt),
    bootId: stored.textOrNull('bootId'),
    actor: { tokenId: actor.text('tokenId'), name: actor.text('name'), peer: actor.text('peer') },
    requestId: stored.text('requestId'),
    ...stored.optional(['traceparent'], (name) => stored.text(name)),
    reason: stored.textOrNull('reason'),
    rollbackOf: stored.integerOrNull('rollbackOf'),
    relatesTo: stored.integerOrNull('relatesTo'),
    confirm: decodeWindow(stored.objectOrNull('confirm')),
    idempotency: decodeIdempotency(stored.objectOrNull('idempotency')),
    acknowledged: stored.texts('acknowledged'),
    ...(namespace && { namespace }),
    settings: stored.list('settings').map((setting) => decodeSetting(setting, namespace)),
    files: stored.list('files').map(decodeFile),
    ...(deletion && { deletion: decodeRequest(deletion) }),
    ...(update && { update: decodeUpdateRequest(update) }),
    ...(guard && { guard: decodeEvidence(guard) }),
  };
}

function decodeWindow(stored: StoredObject | null): ConfirmWindow | null {
  if (stored === null) return null;
  const deadline = stored.object('deadline');
  return {
    withinSeconds: stored.integer('withinSeconds'),
    deadline: { bootId: deadline.textOrNull('bootId'), milliseconds: deadline.integer('milliseconds') },
    persist: stored.flag('persist'),
    ...(stored.optionalFlag('persistLast') === true && { last: true as const }),
  };
}

function decodeIdempotency(stored: StoredObject | null): Idempotency | null {
  return stored && { key: stored.text('key'), fingerprint: stored.text('fingerprint') };
}

function decodeNamespace(stored: StoredObject | undefined): NamespaceRef | undefined {
  return stored && { name: stored.text('name'), identity: stored.text('identity') };
}

/** The journal finds the settings of a network namespace by `subjectIn`. */
function decodeSetting(stored: StoredObject, namespace: NamespaceRef | undefined): SettingChange {
  const subject = stored.text('name');
  return {
    name: namespace ? subject.slice(0, -subjectIn(namespace, '').length) : subject,
    before: stored.integer('before'),
    requested: stored.integer('requested'),
    ...stored.optional(['confirmedBefore'], (name) => stored.integer(name)),
  };
}

function decodeFile(stored: StoredObject): FileChange {
  return { path: stored.text('path'), before: stored.textOrNull('before'), after: stored.textOrNull('after') };
}
