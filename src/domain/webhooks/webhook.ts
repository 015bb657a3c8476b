import type { Actor } from '../token.ts';
import type { WebhookEventType } from './webhook-event.ts';

/** Each has at most one request in flight. */
export const WEBHOOKS_MAXIMUM = 32;
export const WEBHOOK_URL_MAX_LENGTH = 2_048;

const FIRST_RETRY_MILLISECONDS = 1_000;
const LONGEST_RETRY_MILLISECONDS = 300_000;
/** Both are required, so that neither a stopped service nor a step of the clock ends a webhook. */
const DEAD_AFTER_MILLISECONDS = 24 * 3_600_000;
const DEAD_AFTER_ATTEMPTS = 100;

/** The event that could not be delivered since its first attempt. */
interface DeliveryFailure {
  readonly since: Date;
  readonly attempts: number;
  readonly error: string;
  /** Of the last attempt. */
  readonly at: Date;
  readonly retryAt: Date;
}

/** What was delivered, and what was not. */
export interface DeliveryProgress {
  /** The id of the last change that was delivered or not wanted. */
  readonly change: number;
  /** The sequence of the last derived event that was delivered or not wanted. */
  readonly derived: number;
  readonly deliveredAt: Date | null;
  /** `null` after a success. */
  readonly failure: DeliveryFailure | null;
  /** Nothing is sent until it is resumed. */
  readonly isDead: boolean;
}

/** A subscription: a URL to which events are sent in order. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Empty: all. */
  readonly types: readonly WebhookEventType[];
  readonly createdAt: Date;
  readonly createdBy: Actor;
  readonly progress: DeliveryProgress;
}

export const WEBHOOK_STATES = ['active', 'failing', 'dead'] as const;
export type WebhookState = (typeof WEBHOOK_STATES)[number];

export function webhookState({ progress: { isDead, failure } }: Webhook): WebhookState {
  if (isDead) return 'dead';
  return failure ? 'failing' : 'active';
}

export function wants({ types }: Webhook, type: WebhookEventType): boolean {
  return types.length === 0 || types.includes(type);
}

/** Whether it may send now. A retry that is further away than the longest pause was set before the clock was set back. */
export function isSendDue({ isDead, failure }: DeliveryProgress, now: Date): boolean {
  if (isDead) return false;
  const wait = failure ? failure.retryAt.getTime() - now.getTime() : 0;
  return wait <= 0 || wait > LONGEST_RETRY_MILLISECONDS;
}

/**
 * Pauses double from 1 s to 5 min, each shortened by up to half, so that webhooks that fail together do not retry together. After a day
 * and 100 attempts, or if the receiver is gone, the webhook is dead.
 *
 * @param random from 0 to 1
 */
export function afterFailure(progress: DeliveryProgress, error: string, isGone: boolean, at: Date, random: number): DeliveryProgress {
  const since = progress.failure?.since ?? at;
  const attempts = (progress.failure?.attempts ?? 0) + 1;
  const pause = Math.min(FIRST_RETRY_MILLISECONDS * 2 ** Math.min(attempts - 1, 20), LONGEST_RETRY_MILLISECONDS);
  const retryAt = new Date(at.getTime() + Math.round(pause * (1 - random / 2)));
  const isExpired = attempts >= DEAD_AFTER_ATTEMPTS && at.getTime() - since.getTime() >= DEAD_AFTER_MILLISECONDS;
  return { ...progress, failure: { since, attempts, error, at, retryAt }, isDead: isGone || isExpired };
}
