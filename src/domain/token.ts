export const SCOPES = [
  'table:read',
  'entries:read',
  'entries:delete',
  'settings:write',
  'settings:persist',
  'changes:read',
  'tokens:admin',
] as const;

export type Scope = (typeof SCOPES)[number];

export interface Identity {
  readonly issuer: string;
  /** Printable and bounded: for people, not to tell two subjects apart. */
  readonly subject: string;
}

export interface Token {
  /** Public part; safe to log. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** Id of the token that this one was made to replace. */
  readonly succeeds: string | null;
  /** To the minute; null where it never was, or nobody notes it. */
  readonly lastUsedAt: Date | null;
  /** Whom an issuer vouches for; null for a token of this service. */
  readonly identity: Identity | null;
}

/** Whoever asks for a change, as the record keeps it. */
export interface Actor {
  readonly tokenId: string;
  readonly name: string;
  /** Address of the peer, `127.0.0.1`; `uid=1000` over a unix socket. */
  readonly peer: string;
}

/** An actor and the request it came with. */
export interface Caller {
  readonly actor: Actor;
  readonly requestId: string;
  readonly scopes: readonly Scope[];
}
