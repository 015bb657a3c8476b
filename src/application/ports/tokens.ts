import type { Scope, Token } from '../../domain/token.ts';

/** Bearer tokens; only their SHA-256 is stored. */
export abstract class Tokens {
  /** `secret` is shown once: nothing can bring it back. @throws ConntrackError `INVALID_REQUEST` for a name, scopes or expiry that cannot be. */
  abstract create(name: string, scopes: readonly Scope[], expiresAt: Date | null): { readonly token: Token; readonly secret: string };

  /** @throws ConntrackError `UNAUTHENTICATED`, `TOKEN_EXPIRED`, `TOKEN_REVOKED` */
  abstract authenticate(secret: string): Token;

  abstract list(): readonly Token[];

  /** Effective at once. Revoking a revoked token changes nothing. @throws ConntrackError `TOKEN_NOT_FOUND` */
  abstract revoke(id: string): Token;
}
