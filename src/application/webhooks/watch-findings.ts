import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { TableFinding, TableFindings } from '../../domain/findings/table-finding.ts';
import { compareFindings } from '../../domain/webhooks/compare-findings.ts';
import type { WebhookEvent, WebhookEventType } from '../../domain/webhooks/webhook-event.ts';
import { Clock } from '../ports/clock.ts';
import { Webhooks } from '../ports/webhooks.ts';
import { ReadTable } from '../table/read-table.ts';

/** Turns the findings of the table into events. Reads nothing while there are no webhooks. */
@Injectable()
export class WatchFindings {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly table: ReadTable,
    private readonly clock: Clock,
  ) {}

  /** The first run records the findings that exist, without events. @throws ConntrackError `WEBHOOKS_UNAVAILABLE`, and as {@link ReadTable} */
  async run(): Promise<void> {
    if (this.webhooks.list().length === 0) return;
    const read = await this.read();
    // The last webhook may have been removed meanwhile.
    if (!read || this.webhooks.list().length === 0) return;
    const before = this.webhooks.knownFindings();
    const { known, raised, cleared } = compareFindings(before ?? [], read);
    if (before && JSON.stringify(known) === JSON.stringify(before)) return;
    const events = [
      ...raised.map((finding) => this.event('io.conntrack-api.finding.raised', finding)),
      ...cleared.map((finding) => this.event('io.conntrack-api.finding.cleared', finding)),
    ];
    this.webhooks.publish(before ? events : [], known);
  }

  /** Without connection tracking nothing can be checked. */
  private async read(): Promise<TableFindings | undefined> {
    try {
      return await this.table.run({});
    } catch (error) {
      if (error instanceof ConntrackError && error.code === 'CONNTRACK_NOT_LOADED') return undefined;
      throw error;
    }
  }

  private event(type: WebhookEventType, finding: TableFinding): Omit<WebhookEvent, 'id'> {
    return { type, subject: `findings/${finding.code}`, time: this.clock.now(), data: finding };
  }
}
