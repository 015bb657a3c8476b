import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { after, refuseLongLife, STANDARD_LIFE_SECONDS } from '../../domain/token-life.ts';
import type { Caller, Scope, Token } from '../../domain/token.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';
import { Clock } from '../ports/clock.ts';
import { Tokens, type NewToken } from '../ports/tokens.ts';

export interface WantedToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Default: in one year. */
  readonly expiresAt?: Date;
}

/** Creates, rotates and revokes tokens over the API. A caller can only grant scopes it has, and only a limited lifetime. */
@Injectable()
export class IssueTokens {
  constructor(
    private readonly tokens: Tokens,
    private readonly clock: Clock,
  ) {}

  /** @throws ConntrackError `INSUFFICIENT_SCOPE`, `INVALID_REQUEST` */
  async create(caller: Caller, { name, scopes, expiresAt }: WantedToken): Promise<NewToken> {
    refuseMoreScopes(caller, scopes);
    const now = this.clock.now();
    const end = expiresAt ?? after(now, STANDARD_LIFE_SECONDS);
    refuseLongLife(end, now, 'Only the command line creates longer-lived tokens: conntrack-api token create --long-lived.');
    return retryWhileLocked(() => this.tokens.create(name, scopes, end, caller));
  }

  /** @throws ConntrackError `INSUFFICIENT_SCOPE`, `TOKEN_NOT_FOUND`, `TOKEN_NOT_CURRENT` */
  async rotate(caller: Caller, id: string, overlapSeconds: number): Promise<NewToken> {
    refuseMoreScopes(caller, this.tokens.get(id).scopes);
    return retryWhileLocked(() => this.tokens.rotate(id, overlapSeconds, caller));
  }

  /** @throws ConntrackError `TOKEN_NOT_FOUND`, `LAST_ADMIN_TOKEN` */
  async revoke(caller: Caller, id: string): Promise<Token> {
    return retryWhileLocked(() => this.tokens.revoke(id, { by: caller }));
  }
}

function refuseMoreScopes(caller: Caller, scopes: readonly Scope[]): void {
  const missing = scopes.filter((scope) => !caller.scopes.includes(scope));
  if (missing.length === 0) return;
  const list = missing.join(' and ');
  throw new ConntrackError('INSUFFICIENT_SCOPE', `Token ${caller.actor.name} lacks ${list}, so it cannot create a token with it.`);
}
