import type { Actor } from '../../domain/token.ts';
import type { DeliveryProgress, Webhook } from '../../domain/webhooks/webhook.ts';
import type { DerivedEvent, WebhookEventType } from '../../domain/webhooks/webhook-event.ts';

interface ProgressRow {
  readonly change: number;
  readonly derived: number;
  readonly delivered_at: number | null;
  readonly failure: string | null;
  readonly dead: number;
}

export interface WebhookRow extends ProgressRow {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  readonly types: string;
  readonly created_at: number;
  readonly created_by: string;
}

export interface EventRow {
  readonly sequence: number;
  readonly type: string;
  readonly subject: string;
  readonly at: number;
  readonly data: string;
}

interface StoredFailure {
  readonly since: number;
  readonly attempts: number;
  readonly error: string;
  readonly at: number;
  readonly retryAt: number;
}

export function progressRow({ change, derived, deliveredAt, failure, isDead }: DeliveryProgress): ProgressRow {
  const stored: StoredFailure | null = failure && {
    ...failure,
    since: failure.since.getTime(),
    at: failure.at.getTime(),
    retryAt: failure.retryAt.getTime(),
  };
  return {
    change,
    derived,
    delivered_at: deliveredAt?.getTime() ?? null,
    failure: stored && JSON.stringify(stored),
    dead: isDead ? 1 : 0,
  };
}

export function toWebhook(row: WebhookRow): Webhook {
  const failure = row.failure === null ? null : (JSON.parse(row.failure) as StoredFailure);
  return {
    id: row.id,
    url: row.url,
    types: JSON.parse(row.types) as readonly WebhookEventType[],
    createdAt: new Date(row.created_at),
    createdBy: JSON.parse(row.created_by) as Actor,
    progress: {
      change: row.change,
      derived: row.derived,
      deliveredAt: row.delivered_at === null ? null : new Date(row.delivered_at),
      failure: failure && {
        ...failure,
        since: new Date(failure.since),
        at: new Date(failure.at),
        retryAt: new Date(failure.retryAt),
      },
      isDead: row.dead === 1,
    },
  };
}

/** @param file identifies the file, because each begins with sequence 1 */
export function toEvent({ sequence, type, subject, at, data }: EventRow, file: string): DerivedEvent {
  return {
    sequence,
    id: `event-${file}-${sequence}`,
    // Only this service writes the file, and types are never renamed.
    type: type as WebhookEventType,
    subject,
    time: new Date(at),
    data: JSON.parse(data) as object,
  };
}
