import type { ClosedChange } from '../change.ts';

/** What webhooks report: the `type` of a CloudEvent, and when it is sent. A type is never renamed. */
export const WEBHOOK_EVENTS = {
  'io.conntrack-api.change.applied':
    'A change, a deletion or an update of entries, a re-application after a reboot or a load of the module took effect.',
  'io.conntrack-api.change.awaiting-confirmation':
    'A change took effect and is reverted unless it is confirmed by `confirmBy`, or its window was extended (`window-extended`).',
  'io.conntrack-api.change.confirmed': 'A change was confirmed.',
  'io.conntrack-api.change.reverted':
    'A change was rolled back on request (`rollback`, `rollback-to`), or because its window expired (`auto-revert`).',
  'io.conntrack-api.change.failed':
    'A change of any kind did not take effect as requested: `outcome` is `failed`, `not-effective`, `restore-failed`, `recovered-unchanged` or `diverged`.',
  'io.conntrack-api.drift.detected': 'A setting was changed outside this service.',
  'io.conntrack-api.guard.raised': 'The capacity guard raised `max`.',
  'io.conntrack-api.finding.raised': 'A finding of `GET /table` appeared or became more severe.',
  'io.conntrack-api.finding.cleared': 'A finding of `GET /table` was absent from three checks in a row.',
} as const;

export type WebhookEventType = keyof typeof WEBHOOK_EVENTS;

export const WEBHOOK_EVENT_TYPES = Object.keys(WEBHOOK_EVENTS) as readonly WebhookEventType[];

export interface WebhookEvent {
  /** The same for every delivery of the event; another event of this host never has it. Without dots, which separate what is signed. */
  readonly id: string;
  readonly type: WebhookEventType;
  /** The object: `changes/7`, `findings/TABLE_NEARLY_FULL`. */
  readonly subject: string;
  readonly time: Date;
  readonly data: object;
}

/** An event that is not a change. It has its own sequence. */
export interface DerivedEvent extends WebhookEvent {
  readonly sequence: number;
}

/** The start time is part of it: after a restore or a renewal, the journal assigns ids again. */
export function changeEventId({ id, startedAt }: ClosedChange): string {
  return `change-${id}-${startedAt.getTime()}`;
}

/** Each completed change is one event. */
export function changeEventType(change: ClosedChange): WebhookEventType {
  if (!['applied', 'adjusted', 'recovered-applied'].includes(change.outcome)) return 'io.conntrack-api.change.failed';
  if (change.guard) return 'io.conntrack-api.guard.raised';
  switch (change.kind) {
    case 'rollback':
    case 'rollback-to':
    case 'auto-revert':
      return 'io.conntrack-api.change.reverted';
    case 'confirmation':
      return 'io.conntrack-api.change.confirmed';
    case 'drift':
      return 'io.conntrack-api.drift.detected';
    case 'window-extended':
      return 'io.conntrack-api.change.awaiting-confirmation';
    case 'change':
    case 'deletion':
    case 'reapply':
    case 'module-load':
    case 'entry-update':
    case 'unblock':
      return change.confirm ? 'io.conntrack-api.change.awaiting-confirmation' : 'io.conntrack-api.change.applied';
  }
}
