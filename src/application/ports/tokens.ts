import type { Scope, Token } from '../../domain/token.ts';

export interface NewToken {
  readonly token: Token;
  /** Shown once: nothing can bring it back. */
  readonly secret: string;
}

/** Bearer tokens; only their SHA-256 is stored. */
export abstract class Tokens {
  /** @throws ConntrackError `INVALID_REQUEST` for a name, scopes or expiry that cannot be. */
  abstract create(name: string, scopes: readonly Scope[], expiresAt: Date | null): NewToken;

  /** @throws ConntrackError `UNAUTHENTICATED`, `TOKEN_EXPIRED`, `TOKEN_REVOKED` */
  abstract authenticate(secret: string): Token;

  /** For what outlasts the moment of {@link authenticate}. @throws ConntrackError `TOKEN_NOT_FOUND`, `TOKEN_EXPIRED`, `TOKEN_REVOKED` */
  abstract requireValid(id: string): void;

  abstract list(): readonly Token[];

  /** @throws ConntrackError `TOKEN_NOT_FOUND` */
  abstract get(id: string): Token;

  /**
   * Makes a successor with the same name and scopes and, from now, the same life; `id` expires after the overlap, and never later than
   * it would have.
   *
   * @throws ConntrackError `TOKEN_NOT_FOUND`; `TOKEN_NOT_CURRENT` for one that is revoked, expired or has a successor
   */
  abstract rotate(id: string, overlapSeconds: number): NewToken;

  /**
   * Effective at once. Revoking a revoked token changes nothing.
   *
   * @throws ConntrackError `TOKEN_NOT_FOUND`; `LAST_ADMIN_TOKEN` where nobody could make tokens any more, unless told to
   */
  abstract revoke(id: string, options?: { readonly evenLastAdmin?: boolean }): Token;

  /** Stores when tokens were last used; in between it is only remembered, so that reading does not write. */
  abstract storeUses(): void;
}
