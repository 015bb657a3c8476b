import type { ClosedChange } from '../../domain/change.ts';
import type { Actor } from '../../domain/token.ts';
import type { KnownFinding } from '../../domain/webhooks/compare-findings.ts';
import type { DeliveryProgress, Webhook } from '../../domain/webhooks/webhook.ts';
import type { DerivedEvent, WebhookEvent, WebhookEventType } from '../../domain/webhooks/webhook-event.ts';

export interface WantedWebhook {
  readonly url: string;
  /** Empty: all. */
  readonly types: readonly WebhookEventType[];
}

export interface NewWebhook {
  readonly webhook: Webhook;
  /** `whsec_…`: the key of the signatures. */
  readonly secret: string;
}

/**
 * The webhooks, their progress, and the events that are not changes.
 *
 * Every method throws ConntrackError `WEBHOOKS_UNAVAILABLE` where the file cannot be used. The next call retries.
 */
export abstract class Webhooks {
  /** Oldest first. From memory. */
  abstract list(): readonly Webhook[];

  abstract find(id: string): Webhook | undefined;

  /** Durable when it returns. Later changes and events are sent to it. @throws ConntrackError `TOO_MANY_WEBHOOKS` */
  abstract create(wanted: WantedWebhook, by: Actor, at: Date, afterChange: number): NewWebhook;

  /** Durable when it returns. After the last one, the events and the known findings are removed too. */
  abstract remove(id: string): void;

  /** Of an existing webhook. */
  abstract secretOf(id: string): string;

  /** Does nothing if the webhook was removed. A power failure may lose the last ones: events are then sent again. */
  abstract saveProgress(id: string, progress: DeliveryProgress): void;

  /** The findings of the last check; `undefined` before the first. */
  abstract knownFindings(): readonly KnownFinding[] | undefined;

  /**
   * Replaces the known findings and appends events with the next sequence numbers, in one transaction. Durable when it returns. Events that
   * every webhook has, and all but the newest 10,000, are removed.
   */
  abstract publish(events: readonly Omit<WebhookEvent, 'id'>[], known: readonly KnownFinding[]): void;

  /** The first `limit` events after `sequence`, oldest first. */
  abstract derivedAfter(sequence: number, limit: number): readonly DerivedEvent[];

  /** Permanently. Repeating it changes nothing. */
  abstract close(): void;
}

/** `error` is one line, without the response of the receiver. */
export type Delivery = { readonly delivered: true } | { readonly delivered: false; readonly error: string; readonly isGone: boolean };

/** Sends events over the network. */
export abstract class WebhookSender {
  /** Does not resolve names: their addresses are checked when an event is sent. @throws ConntrackError `WEBHOOK_ADDRESS_NOT_ALLOWED` */
  abstract requireAllowed(url: string): void;

  /** Never rejects, and takes at most 15 s. */
  abstract send(url: string, secret: string, event: WebhookEvent, at: Date, signal: AbortSignal): Promise<Delivery>;
}

/** The document of a change, without the addresses of entries. */
export abstract class ChangeDocuments {
  abstract of(change: ClosedChange): object;
}
