import type { Token } from '../../domain/token.ts';

/** An identity provider whose signed tokens (JWT) are accepted beside the tokens of this service. */
export abstract class TokenIssuer {
  /** Whether this is for the issuer to judge, by its form alone. */
  abstract recognises(secret: string): boolean;

  /** @throws ConntrackError `UNAUTHENTICATED`, `TOKEN_EXPIRED`; `ISSUER_UNAVAILABLE` where its keys are not known and cannot be fetched */
  abstract authenticate(jwt: string): Promise<Token>;
}
