import { TokenIssuer } from '../application/ports/tokens.ts';

/** Stands in where no issuer is configured: every token is one of this service, or none. */
export class NoIssuer extends TokenIssuer {
  recognises(): boolean {
    return false;
  }

  authenticate(): never {
    throw new Error('No issuer is configured.');
  }
}
