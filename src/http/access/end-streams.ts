import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Authenticate } from '../../application/access/authenticate.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Token } from '../../domain/token.ts';

/** How long a stream may outlive its token, also where another process revoked it. */
const LOOK_MILLISECONDS = 1_000;

/**
 * Cuts off a stream under way once its token is revoked or expired: letting a request in says nothing of the hours that an event stream
 * may last. What was sent lacks its end, as with any answer that is cut off.
 */
@Injectable()
export class EndStreams implements OnModuleDestroy {
  private readonly underWay = new Map<ServerResponse, Token>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly authentication: Authenticate) {
    this.timer = setInterval(() => {
      this.look();
    }, LOOK_MILLISECONDS).unref();
  }

  /** Of requests that read: an answer about a change is let through, the change is made whoever hears of it. */
  watch(token: Token, answer: ServerResponse): void {
    this.underWay.set(answer, token);
    answer.once('close', () => this.underWay.delete(answer));
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const [answer, token] of this.underWay) {
      if (answer.headersSent && !this.isValid(token)) answer.destroy();
    }
  }

  /** Tokens that cannot be looked up just now are no reason: nobody has said that this one is not valid. */
  private isValid(token: Token): boolean {
    try {
      this.authentication.requireValid(token);
      return true;
    } catch (error) {
      if (error instanceof ConntrackError) return error.code === 'JOURNAL_UNAVAILABLE';
      throw error;
    }
  }
}
