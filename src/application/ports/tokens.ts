import type { Actor, Scope, Token } from '../../domain/token.ts';

export interface NewToken {
  readonly token: Token;
  /** Shown once: it cannot be retrieved later. */
  readonly secret: string;
}

/** Who creates, rotates or revokes a token. */
export interface Administrator {
  readonly actor: Actor;
  /** `null`: not by an HTTP request. */
  readonly requestId: string | null;
}

/** `adopted`: the token existed before tokens were recorded. `carried`: its records are archived, and its state is recorded again. */
export const TOKEN_ACTIONS = ['created', 'rotated', 'revoked', 'adopted', 'carried'] as const;
export type TokenAction = (typeof TOKEN_ACTIONS)[number];

/** The stored state of a token, as text: it may have been written by another program. */
export interface TokenState {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly succeeds: string | null;
  /** Changes if the secret is replaced; derived from the hash of the secret and reveals neither. */
  readonly secretDigest: string;
}

/** A record of the journal about one token. */
export interface TokenRecord {
  readonly sequence: number;
  readonly hash: string;
  readonly at: Date;
  readonly action: TokenAction;
  readonly by: Administrator;
  /** `null`: the token did not exist, or was not recorded. */
  readonly before: TokenState | null;
  readonly after: TokenState;
  /** Present if `before` was altered outside this service: the differences from its record. */
  readonly altered?: string;
}

export interface RevokeOptions {
  readonly evenLastAdmin?: boolean;
  readonly by?: Administrator;
}

/** The service itself, at its first start and when it adopts tokens. */
export const THIS_SERVICE: Administrator = { actor: { tokenId: 'service', name: 'conntrack-api', peer: 'local' }, requestId: null };

/**
 * Bearer tokens. Only their SHA-256 is stored. Each creation, rotation and revocation is recorded in the chain of the journal. A token whose
 * stored row differs from its newest record is refused, and has no scopes.
 */
export abstract class Tokens {
  /** @throws ConntrackError `INVALID_REQUEST` for an invalid name, scopes or expiry. */
  abstract create(name: string, scopes: readonly Scope[], expiresAt: Date | null, by?: Administrator): NewToken;

  /** @throws ConntrackError `UNAUTHENTICATED`, `TOKEN_ALTERED`, `TOKEN_EXPIRED`, `TOKEN_REVOKED` */
  abstract authenticate(secret: string): Token;

  /** For connections that outlive {@link authenticate}. @throws ConntrackError `TOKEN_NOT_FOUND`, `TOKEN_ALTERED`, `TOKEN_EXPIRED`, `TOKEN_REVOKED` */
  abstract requireValid(id: string): void;

  abstract list(): readonly Token[];

  /** @throws ConntrackError `TOKEN_NOT_FOUND` */
  abstract get(id: string): Token;

  /**
   * Creates a successor with the same name, scopes and lifetime, counted from now. Token `id` expires after the overlap, or at its own expiry
   * if that is earlier.
   *
   * @throws ConntrackError `TOKEN_NOT_FOUND`; `TOKEN_NOT_CURRENT` for a token that is revoked, expired, altered or has a successor
   */
  abstract rotate(id: string, overlapSeconds: number, by?: Administrator): NewToken;

  /**
   * Takes effect at once. Revoking a revoked token changes nothing. Revoking an altered token records its stored row, and so ends its alteration.
   *
   * @throws ConntrackError `TOKEN_NOT_FOUND`; `LAST_ADMIN_TOKEN` where no token could create tokens any more, unless `evenLastAdmin`
   */
  abstract revoke(id: string, options?: RevokeOptions): Token;

  /** The records about a token, oldest first; also of a token whose row was removed. @throws ConntrackError `TOKEN_NOT_FOUND` */
  abstract recordsOf(id: string): readonly TokenRecord[];

  /** Stores when tokens were last used. Between calls this is kept in memory, so that a read request does not write to disk. */
  abstract storeUses(): void;
}

/** An identity provider whose signed tokens (JWT) are accepted beside the tokens of this service. */
export abstract class TokenIssuer {
  /** Whether a bearer token has the form of a JWT, which `authenticate` then decides on. */
  abstract recognises(secret: string): boolean;

  /** @throws ConntrackError `UNAUTHENTICATED`, `TOKEN_EXPIRED`; `ISSUER_UNAVAILABLE` where its keys are not known and cannot be fetched */
  abstract authenticate(jwt: string): Promise<Token>;
}
