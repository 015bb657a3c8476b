import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { Caller } from '../../domain/token.ts';
import type { Webhook } from '../../domain/webhooks/webhook.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { Webhooks, WebhookSender, type NewWebhook, type WantedWebhook } from '../ports/webhooks.ts';

/** Every method throws ConntrackError `WEBHOOKS_UNAVAILABLE` where they cannot be stored. */
@Injectable()
export class ManageWebhooks {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly sender: WebhookSender,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  list(): readonly Webhook[] {
    return this.webhooks.list();
  }

  /** @throws ConntrackError `WEBHOOK_NOT_FOUND` */
  get(id: string): Webhook {
    const webhook = this.webhooks.find(id);
    if (webhook) return webhook;
    throw new ConntrackError('WEBHOOK_NOT_FOUND', `There is no webhook ${id}.`);
  }

  /** @throws ConntrackError `WEBHOOK_ADDRESS_NOT_ALLOWED`, `TOO_MANY_WEBHOOKS`, `JOURNAL_UNAVAILABLE` */
  create(caller: Caller, wanted: WantedWebhook): NewWebhook {
    this.sender.requireAllowed(wanted.url);
    return this.webhooks.create(wanted, caller.actor, this.clock.now(), this.journal.nextId() - 1);
  }

  /** Returns it as it was. @throws ConntrackError `WEBHOOK_NOT_FOUND` */
  remove(id: string): Webhook {
    const webhook = this.get(id);
    this.webhooks.remove(id);
    return webhook;
  }

  /** Sends again from the event that failed, at once. @throws ConntrackError `WEBHOOK_NOT_FOUND` */
  resume(id: string): Webhook {
    const { progress } = this.get(id);
    if (progress.failure || progress.isDead) this.webhooks.saveProgress(id, { ...progress, failure: null, isDead: false });
    return this.get(id);
  }
}
