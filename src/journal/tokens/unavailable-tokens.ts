import { Tokens } from '../../application/ports/tokens.ts';
import type { ConntrackError } from '../../domain/conntrack-error.ts';

/** Replaces tokens that cannot be read: every request is refused with the reason. */
export class UnavailableTokens extends Tokens {
  private readonly reason: ConntrackError;

  constructor(reason: ConntrackError) {
    super();
    this.reason = reason;
  }

  create(): never {
    throw this.reason;
  }

  authenticate(): never {
    throw this.reason;
  }

  requireValid(): never {
    throw this.reason;
  }

  list(): never {
    throw this.reason;
  }

  get(): never {
    throw this.reason;
  }

  rotate(): never {
    throw this.reason;
  }

  recordsOf(): never {
    throw this.reason;
  }

  storeUses(): never {
    throw this.reason;
  }

  revoke(): never {
    throw this.reason;
  }
}
