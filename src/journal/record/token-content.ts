import { createHash } from 'node:crypto';
import type { Administrator, TokenAction, TokenRecord, TokenState } from '../../application/ports/tokens.ts';
import { TOKEN_ACTIONS } from '../../application/ports/tokens.ts';
import type { Json } from '../../domain/canonical-json.ts';
import { recordContent, type Draft, type RecordRow } from './record.ts';
import { StoredObject, storedTime } from './stored-object.ts';

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly secret_sha256: Buffer;
  readonly scopes: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** Undefined in a file of an older version that is opened read-only. */
  readonly succeeds?: string | null;
  readonly last_used_at?: string | null;
}

/** What a record of kind `token` contains. */
export interface TokenContent {
  readonly action: TokenAction;
  readonly by: Administrator;
  readonly token: string;
  readonly before: TokenState | null;
  readonly after: TokenState;
  /** How `before` differed from the newest record of the token. */
  readonly altered?: string;
}

/** The columns that a record binds: all except the time of the last use. */
export function tokenState(row: TokenRow): TokenState {
  return {
    name: row.name,
    scopes: scopesIn(row.scopes),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    succeeds: row.succeeds ?? null,
    secretDigest: digestOfSecret(row),
  };
}

/** Binds the stored hash of the secret to its token without containing it: a copy of the records does not help to forge a row. */
function digestOfSecret({ id, secret_sha256: hash }: TokenRow): string {
  return createHash('sha256').update(`conntrack-api token secret 1\n${id}\n`, 'utf8').update(hash).digest('hex');
}

/** Never throws: the row may have been written by another program. */
function scopesIn(text: string): readonly string[] {
  try {
    const scopes: unknown = JSON.parse(text);
    return Array.isArray(scopes) ? scopes.map((scope: unknown) => (typeof scope === 'string' ? scope : JSON.stringify(scope))) : [text];
  } catch {
    return [text];
  }
}

export function tokenDraft({ action, by, token, before, after, altered }: TokenContent, at: Date): Draft {
  const { actor, requestId } = by;
  const content = recordContent({
    action,
    token,
    actor: { tokenId: actor.tokenId, name: actor.name, peer: actor.peer },
    requestId,
    before: before && { ...before },
    after: { ...after },
    ...(altered !== undefined && { altered }),
  } satisfies Json);
  return { kind: 'token', changeId: 0, at, content };
}

/** @throws Error with the name of a field that differs from what {@link tokenDraft} writes */
export function decodeTokenRecord({ sequence, hash, recorded_at, content }: RecordRow): TokenRecord {
  const stored = new StoredObject(JSON.parse(content));
  const actor = stored.object('actor');
  const before = stored.objectOrNull('before');
  return {
    sequence,
    hash,
    at: storedTime(recorded_at),
    action: stored.oneOf('action', TOKEN_ACTIONS),
    by: {
      actor: { tokenId: actor.text('tokenId'), name: actor.text('name'), peer: actor.text('peer') },
      requestId: stored.textOrNull('requestId'),
    },
    before: before && decodeState(before),
    after: decodeState(stored.object('after')),
    ...stored.optional(['altered'], (name) => stored.text(name)),
  };
}

function decodeState(stored: StoredObject): TokenState {
  return {
    name: stored.text('name'),
    scopes: stored.texts('scopes'),
    createdAt: stored.text('createdAt'),
    expiresAt: stored.textOrNull('expiresAt'),
    revokedAt: stored.textOrNull('revokedAt'),
    succeeds: stored.textOrNull('succeeds'),
    secretDigest: stored.text('secretDigest'),
  };
}
