import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { Journal, type AlteredToken } from '../ports/journal.ts';

/** Whether records may be added to the journal. Its tail is verified before it is opened, the rest while the service runs. */
@Injectable()
export class JournalIntegrity {
  private broken: ConntrackError | undefined;

  constructor(private readonly journal: Journal) {}

  /**
   * Verifies the whole chain in the background. If it is broken, further changes are refused.
   *
   * @returns the altered tokens: they are refused, and changes with other tokens are not
   */
  async verify(): Promise<readonly AlteredToken[]> {
    const { broken, alteredTokens = [] } = await this.journal.verify();
    if (!broken) return alteredTokens;
    this.broken = new ConntrackError('JOURNAL_UNAVAILABLE', `The journal is broken at record ${broken.sequence}: ${broken.reason}.`, {
      remedy: 'Keep a copy of the data directory and find out what altered it. Then stop the service and run conntrack-api journal renew.',
    });
    return alteredTokens;
  }

  /** @throws ConntrackError `JOURNAL_UNAVAILABLE` once the chain is found broken. */
  requireIntact(): void {
    if (this.broken) throw this.broken;
  }
}
