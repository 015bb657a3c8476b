export const SCOPES = [
  'table:read',
  'entries:read',
  'entries:delete',
  'entries:update',
  'settings:write',
  'settings:persist',
  'changes:read',
  'tokens:admin',
  'webhooks:admin',
] as const;

export type Scope = (typeof SCOPES)[number];

interface Identity {
  readonly issuer: string;
  /** Printable and shortened: for display, not to distinguish subjects. */
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
  /** Id of the token that this one replaces. */
  readonly succeeds: string | null;
  /** To the minute; null if it was never used or this is not recorded. */
  readonly lastUsedAt: Date | null;
  /** The identity that the issuer asserts; null for a token of this service. */
  readonly identity: Identity | null;
  /** Present if the stored token differs from its record: the differences. It is refused. */
  readonly altered?: string;
}

/** The requester of a change, as recorded. */
export interface Actor {
  readonly tokenId: string;
  readonly name: string;
  /** Address of the peer, `127.0.0.1`; `uid=1000` over a unix socket. */
  readonly peer: string;
}

/** An actor and its request. */
export interface Caller {
  readonly actor: Actor;
  readonly requestId: string;
  /** The trace that the request belongs to (W3C Trace Context), if it names one. */
  readonly traceparent?: string;
  readonly scopes: readonly Scope[];
}
