import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { afterFailure, isSendDue, wants, type Webhook } from '../../domain/webhooks/webhook.ts';
import { changeEventId, changeEventType, type WebhookEvent } from '../../domain/webhooks/webhook-event.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { ChangeDocuments, Webhooks, WebhookSender, type Delivery } from '../ports/webhooks.ts';

/** Read at once, in less than a millisecond. Without a filter, only the next one is needed. */
const PAGE_SIZE = 16;
/** After an error of the journal or of the file of the webhooks. Otherwise the same event would be sent twice a second. */
const HOLD_MILLISECONDS = 60_000;

/** All webhooks, where their file cannot be read. */
const EVERY = '';

/** Receives what an operator should know: a webhook began to fail, died, or cannot be served. */
export type Report = (message: string, error?: unknown) => void;

/** What comes next in one of the two sequences. Without an event, nothing up to `position` is wanted. */
interface Next {
  readonly position: number;
  readonly event?: WebhookEvent;
}

/**
 * Sends each completed change and each derived event to the webhooks that want it: at least once, and in order. Each webhook has one request
 * in flight at most, and waits for no other.
 */
@Injectable()
export class DeliverWebhooks implements BeforeApplicationShutdown {
  private readonly sending = new Set<string>();
  /** By webhook, on the boot-time clock. */
  private readonly heldUntil = new Map<string, number>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly webhooks: Webhooks,
    private readonly sender: WebhookSender,
    private readonly journal: Journal,
    private readonly documents: ChangeDocuments,
    private readonly clock: Clock,
  ) {}

  /** Starts what is due, and does not wait for receivers. @throws ConntrackError `WEBHOOKS_UNAVAILABLE` */
  async run(report: Report): Promise<void> {
    if (this.isHeld(EVERY)) return;
    for (const { id, progress } of this.list()) {
      if (this.isHeld(id) || this.sending.has(id) || !isSendDue(progress, this.clock.now())) continue;
      void this.sendAll(id, report);
      await otherRequests();
    }
  }

  /** Requests in flight are aborted: their events are sent again after the next start. */
  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  private list(): readonly Webhook[] {
    try {
      return this.webhooks.list();
    } catch (error) {
      this.hold(EVERY);
      throw error;
    }
  }

  private isHeld(id: string): boolean {
    return this.clock.bootMilliseconds() < (this.heldUntil.get(id) ?? 0);
  }

  private hold(id: string): void {
    this.heldUntil.set(id, this.clock.bootMilliseconds() + HOLD_MILLISECONDS);
  }

  private async sendAll(id: string, report: Report): Promise<void> {
    this.sending.add(id);
    this.heldUntil.delete(id);
    try {
      while (await this.sendNext(id, report));
    } catch (error) {
      this.hold(id);
      report(`events for webhook ${id} cannot be read or recorded; retrying in ${HOLD_MILLISECONDS / 1_000} s`, error);
    } finally {
      this.sending.delete(id);
    }
  }

  /** @returns whether there may be more */
  private async sendNext(id: string, report: Report): Promise<boolean> {
    const webhook = this.webhooks.find(id);
    if (!webhook || webhook.progress.isDead || this.isStopping()) return false;
    const change = await this.nextChange(webhook);
    const derived = await this.nextDerived(webhook);
    const isChange = change.event !== undefined && (!derived.event || change.event.time <= derived.event.time);
    const event = isChange ? change.event : derived.event;
    // What precedes the later of two events was not wanted. The event itself is next.
    const positions = {
      change: isChange || !change.event ? change.position : change.position - 1,
      derived: !isChange || !derived.event ? derived.position : derived.position - 1,
    };
    if (!event) {
      this.advance(webhook, positions);
      return false;
    }
    const delivery = await this.sender.send(webhook.url, this.webhooks.secretOf(id), event, this.clock.now(), this.stopping.signal);
    if (this.isStopping()) return false;
    this.record(id, event, delivery, positions, report);
    return delivery.delivered;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Completed changes only: a pending one is read later, with those after it. */
  private async nextChange(webhook: Webhook): Promise<Next> {
    // A restored or renewed journal may end before the last change that was delivered.
    let position = Math.min(webhook.progress.change, this.journal.nextId() - 1);
    const size = webhook.types.length === 0 ? 1 : PAGE_SIZE;
    for (;;) {
      const page = this.journal.after(position, size);
      for (const change of page) {
        if (change.outcome === 'pending') return { position };
        const type = changeEventType(change);
        position = change.id;
        if (wants(webhook, type)) {
          const data = this.documents.of(change);
          return { position, event: { id: changeEventId(change), type, subject: `changes/${change.id}`, time: change.completedAt, data } };
        }
      }
      if (page.length < size) return { position };
      await otherRequests();
    }
  }

  private async nextDerived(webhook: Webhook): Promise<Next> {
    let position = webhook.progress.derived;
    const size = webhook.types.length === 0 ? 1 : PAGE_SIZE;
    for (;;) {
      const page = this.webhooks.derivedAfter(position, size);
      for (const event of page) {
        position = event.sequence;
        if (wants(webhook, event.type)) return { position, event };
      }
      if (page.length < size) return { position };
      await otherRequests();
    }
  }

  private advance({ id, progress }: Webhook, positions: { readonly change: number; readonly derived: number }): void {
    if (progress.change === positions.change && progress.derived === positions.derived) return;
    this.webhooks.saveProgress(id, { ...progress, ...positions });
  }

  private record(
    id: string,
    event: WebhookEvent,
    delivery: Delivery,
    positions: { readonly change: number; readonly derived: number },
    report: Report,
  ): void {
    const progress = this.webhooks.find(id)?.progress;
    if (!progress) return;
    const at = this.clock.now();
    if (delivery.delivered) {
      this.webhooks.saveProgress(id, { ...progress, ...positions, deliveredAt: at, failure: null });
      return;
    }
    const failed = afterFailure(progress, delivery.error, delivery.isGone, at, Math.random());
    this.webhooks.saveProgress(id, failed);
    if (failed.isDead)
      report(
        `webhook ${id} is dead: ${event.id} could not be delivered (${delivery.error}). POST /api/v1/webhooks/${id}/resume resumes it`,
      );
    else if (!progress.failure) report(`webhook ${id} is failing: ${event.id} could not be delivered (${delivery.error})`);
  }
}

/** Between pages, requests are served. */
function otherRequests(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
