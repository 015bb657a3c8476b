import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { Authenticate } from '../../application/access/authenticate.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Token } from '../../domain/token.ts';

/** The longest time that a stream outlives its token, even if another process revoked it. */
const CHECK_MILLISECONDS = 1_000;

/**
 * Cuts off running streams whose token is revoked or expires: an event stream can last for hours after the request was authorised.
 * The client sees a response without its end, as with any connection that breaks.
 */
@Injectable()
export class EndStreams implements OnModuleDestroy {
  private readonly running = new Map<ServerResponse, Token>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly authentication: Authenticate) {}

  /** For reads only. The response to a change is never cut off: the change happens anyway, and the client must learn its outcome. */
  watch(token: Token, response: ServerResponse): void {
    this.running.set(response, token);
    response.once('close', () => this.running.delete(response));
    this.timer ??= setInterval(() => {
      this.check();
    }, CHECK_MILLISECONDS).unref();
  }

  onModuleDestroy(): void {
    this.rest();
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private check(): void {
    if (this.running.size === 0) this.rest();
    for (const [response, token] of this.running) {
      if (response.headersSent && !this.isValid(token)) response.destroy();
    }
  }

  /** A token counts as valid while the journal is unavailable: it cannot be looked up, and nothing shows that it was revoked. */
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
