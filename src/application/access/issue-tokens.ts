import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { after, refuseLongLife, STANDARD_LIFE_SECONDS } from '../../domain/token-life.ts';
import type { Caller, Scope } from '../../domain/token.ts';
import { Clock } from '../ports/clock.ts';
import { Tokens, type NewToken } from '../ports/tokens.ts';

export interface WantedToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Default: in one year. */
  readonly expiresAt?: Date;
}

/** Creates and rotates tokens over the API. A caller can only grant scopes it has, and only a limited lifetime. */
@Injectable()
export class IssueTokens {
  constructor(
    private readonly tokens: Tokens,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError `INSUFFICIENT_SCOPE`, `INVALID_REQUEST` */
  create(caller: Caller, { name, scopes, expiresAt }: WantedToken): NewToken {
    refuseMoreScopes(caller, scopes);
    const now = this.clock.now();
    const end = expiresAt ?? after(now, STANDARD_LIFE_SECONDS);
    refuseLongLife(end, now, 'Only the command line creates longer-lived tokens: conntrack-api token create --long-lived.');
    return this.tokens.create(name, scopes, end, caller);
  }

  /** @throws ConntrackError `INSUFFICIENT_SCOPE`, `TOKEN_NOT_FOUND`, `TOKEN_NOT_CURRENT` */
  rotate(caller: Caller, id: string, overlapSeconds: number): NewToken {
    refuseMoreScopes(caller, this.tokens.get(id).scopes);
    return this.tokens.rotate(id, overlapSeconds, caller);
  }
}

function refuseMoreScopes(caller: Caller, scopes: readonly Scope[]): void {
  const missing = scopes.filter((scope) => !caller.scopes.includes(scope));
  if (missing.length === 0) return;
  const list = missing.join(' and ');
  throw new ConntrackError('INSUFFICIENT_SCOPE', `Token ${caller.actor.name} lacks ${list}, so it cannot create a token with it.`);
}
