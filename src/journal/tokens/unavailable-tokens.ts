import { Tokens } from '../../application/ports/tokens.ts';
import type { ConntrackError } from '../../domain/conntrack-error.ts';

/** Stands in for tokens that cannot be read: nobody is let in, and everybody is told why. */
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

  storeUses(): never {
    throw this.reason;
  }

  revoke(): never {
    throw this.reason;
  }
}
