import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Token } from '../../domain/token.ts';
import { Clock } from '../ports/clock.ts';
import { TokenIssuer, Tokens } from '../ports/tokens.ts';

/** Authenticates a bearer token, which is either a token of this service or a JWT of the configured issuer. */
@Injectable()
export class Authenticate {
  constructor(
    private readonly tokens: Tokens,
    private readonly issuer: TokenIssuer,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError as {@link Tokens.authenticate} and {@link TokenIssuer.authenticate} */
  async run(secret: string): Promise<Token> {
    return this.issuer.recognises(secret) ? this.issuer.authenticate(secret) : this.tokens.authenticate(secret);
  }

  /** Checks a token again that was valid before. @throws ConntrackError as {@link Tokens.requireValid} */
  requireValid({ id, identity, expiresAt }: Token): void {
    if (identity === null) this.tokens.requireValid(id);
    else if (expiresAt && expiresAt <= this.clock.now()) {
      throw new ConntrackError('TOKEN_EXPIRED', `The JWT of ${identity.subject} expired at ${expiresAt.toISOString()}.`);
    }
  }
}
