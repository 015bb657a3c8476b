import type { Scope, Token } from '../../domain/token.ts';

export interface NewToken {
  readonly token: Token;
  /** Shown once: it cannot be retrieved later. */
  readonly secret: string;
}

/** Bearer tokens. Only their SHA-256 is stored. */
export abstract class Tokens {
  /** @throws ConntrackError `INVALID_REQUEST` for an invalid name, scopes or expiry. */
  abstract create(name: string, scopes: readonly Scope[], expiresAt: Date | null): NewToken;

  /** @throws ConntrackError `UNAUTHENTICATED`, `TOKEN_EXPIRED`, `TOKEN_REVOKED` */
  abstract authenticate(secret: string): Token;

  /** For connections that outlive {@link authenticate}. @throws ConntrackError `TOKEN_NOT_FOUND`, `TOKEN_EXPIRED`, `TOKEN_REVOKED` */
  abstract requireValid(id: string): void;

  abstract list(): readonly Token[];

  /** @throws ConntrackError `TOKEN_NOT_FOUND` */
  abstract get(id: string): Token;

  /**
   * Creates a successor with the same name, scopes and lifetime, counted from now. Token `id` expires after the overlap, or at its own expiry
   * if that is earlier.
   *
   * @throws ConntrackError `TOKEN_NOT_FOUND`; `TOKEN_NOT_CURRENT` for a token that is revoked, expired or has a successor
   */
  abstract rotate(id: string, overlapSeconds: number): NewToken;

  /**
   * Takes effect at once. Revoking a revoked token changes nothing.
   *
   * @throws ConntrackError `TOKEN_NOT_FOUND`; `LAST_ADMIN_TOKEN` where no token could create tokens any more, unless `evenLastAdmin`
   */
  abstract revoke(id: string, options?: { readonly evenLastAdmin?: boolean }): Token;

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
