import { randomBytes } from 'node:crypto';
import { Webhooks, type NewWebhook, type WantedWebhook } from '../../application/ports/webhooks.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { TableFinding } from '../../domain/findings/table-finding.ts';
import type { Actor } from '../../domain/token.ts';
import type { KnownFinding } from '../../domain/webhooks/compare-findings.ts';
import { WEBHOOKS_MAXIMUM, type DeliveryProgress, type Webhook } from '../../domain/webhooks/webhook.ts';
import type { DerivedEvent, WebhookEvent } from '../../domain/webhooks/webhook-event.ts';
import type { Connection } from '../file/connection.ts';
import { progressRow, toEvent, toWebhook, type EventRow, type WebhookRow } from './stored-webhook.ts';
import { WebhooksFile } from './webhooks-file.ts';

const EVENTS_KEPT = 10_000;
const SECRET_BYTES = 32;

type Statements = ReturnType<typeof statementsOn>;

function statementsOn(connection: Connection) {
  return {
    all: connection.prepare<[], WebhookRow>('SELECT * FROM webhook ORDER BY created_at, rowid'),
    insert: connection.prepare<[WebhookRow]>(
      `INSERT INTO webhook (id, url, secret, types, created_at, created_by, change, derived, delivered_at, failure, dead)
       VALUES (@id, @url, @secret, @types, @created_at, @created_by, @change, @derived, @delivered_at, @failure, @dead)`,
    ),
    save: connection.prepare<[ReturnType<typeof progressRow> & { readonly id: string }]>(
      `UPDATE webhook SET change = @change, derived = @derived, delivered_at = @delivered_at, failure = @failure, dead = @dead WHERE id = @id`,
    ),
    remove: connection.prepare<[string]>('DELETE FROM webhook WHERE id = ?'),
    store: connection.prepare<[], { readonly id: string; readonly watched: number }>('SELECT id, watched FROM store'),
    watch: connection.prepare<[number]>('UPDATE store SET watched = ?'),
    lastEvent: connection.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'event'").pluck(),
    events: connection.prepare<[number, number], EventRow>('SELECT * FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?'),
    addEvent: connection.prepare<[Omit<EventRow, 'sequence'>]>(
      'INSERT INTO event (type, subject, at, data) VALUES (@type, @subject, @at, @data)',
    ),
    expire: connection.prepare<[number]>('DELETE FROM event WHERE sequence <= max(?, (SELECT coalesce(min(derived), 0) FROM webhook))'),
    findings: connection.prepare<[], { readonly finding: string; readonly absent: number }>(
      'SELECT finding, absent FROM finding ORDER BY position',
    ),
    addFinding: connection.prepare<[{ readonly finding: string; readonly absent: number }]>(
      'INSERT INTO finding (finding, absent) VALUES (@finding, @absent)',
    ),
    removeFindings: connection.prepare('DELETE FROM finding'),
    removeEvents: connection.prepare('DELETE FROM event'),
  };
}

/** Only this process writes the file, so the webhooks are read from memory. */
export class SqliteWebhooks extends Webhooks {
  private readonly file: WebhooksFile;
  private statements: Statements | undefined;
  private readonly webhooks = new Map<string, Webhook>();
  private readonly secrets = new Map<string, string>();
  /** Sequence of the last event. */
  private newest = 0;
  /** Whether no webhook was ever created. */
  private isAbsent = false;

  constructor(dataDir: string) {
    super();
    this.file = new WebhooksFile(dataDir, (connection) => {
      this.statements = statementsOn(connection);
      this.isAbsent = false;
      this.webhooks.clear();
      for (const row of this.statements.all.all()) this.remember(row);
      this.newest = this.statements.lastEvent.get() ?? 0;
    });
  }

  list(): readonly Webhook[] {
    this.load();
    return [...this.webhooks.values()];
  }

  find(id: string): Webhook | undefined {
    this.load();
    return this.webhooks.get(id);
  }

  create({ url, types }: WantedWebhook, by: Actor, at: Date, afterChange: number): NewWebhook {
    const id = randomBytes(6).toString('hex');
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    const row = this.use(({ insert, lastEvent }) => {
      if (this.webhooks.size >= WEBHOOKS_MAXIMUM) {
        throw new ConntrackError('TOO_MANY_WEBHOOKS', `There are ${WEBHOOKS_MAXIMUM} webhooks, which is the maximum.`);
      }
      const progress = { change: afterChange, derived: lastEvent.get() ?? 0, deliveredAt: null, failure: null, isDead: false };
      const created: WebhookRow = {
        ...{ id, url, secret, types: JSON.stringify(types), created_at: at.getTime(), created_by: JSON.stringify(by) },
        ...progressRow(progress),
      };
      insert.run(created);
      return created;
    }, true);
    return { webhook: this.remember(row), secret };
  }

  remove(id: string): void {
    this.use(({ remove, removeEvents, removeFindings, watch }) => {
      if (remove.run(id).changes === 0 || this.webhooks.size > 1) return;
      removeEvents.run();
      removeFindings.run();
      watch.run(0);
    }, true);
    this.webhooks.delete(id);
    this.secrets.delete(id);
  }

  secretOf(id: string): string {
    this.load();
    return this.secrets.get(id) ?? '';
  }

  saveProgress(id: string, progress: DeliveryProgress): void {
    this.use(({ save }) => save.run({ id, ...progressRow(progress) }));
    const webhook = this.webhooks.get(id);
    if (webhook) this.webhooks.set(id, { ...webhook, progress });
  }

  knownFindings(): readonly KnownFinding[] | undefined {
    return this.use(({ store, findings }) => {
      if (store.get()?.watched !== 1) return undefined;
      return findings.all().map(({ finding, absent }) => ({ finding: JSON.parse(finding) as TableFinding, absent }));
    });
  }

  publish(events: readonly Omit<WebhookEvent, 'id'>[], known: readonly KnownFinding[]): void {
    this.newest = this.use(({ addEvent, addFinding, expire, lastEvent, removeFindings, watch }) => {
      for (const { type, subject, time, data } of events) addEvent.run({ type, subject, at: time.getTime(), data: JSON.stringify(data) });
      const newest = lastEvent.get() ?? 0;
      expire.run(newest - EVENTS_KEPT);
      removeFindings.run();
      for (const { finding, absent } of known) addFinding.run({ finding: JSON.stringify(finding), absent });
      watch.run(1);
      return newest;
    }, true);
  }

  derivedAfter(sequence: number, limit: number): readonly DerivedEvent[] {
    this.load();
    if (sequence >= this.newest) return [];
    return this.use(({ events, store }) => {
      const file = store.get()?.id ?? '';
      return events.all(sequence, limit).map((row) => toEvent(row, file));
    });
  }

  close(): void {
    this.file.close();
  }

  private remember(row: WebhookRow): Webhook {
    const webhook = toWebhook(row);
    this.webhooks.set(row.id, webhook);
    this.secrets.set(row.id, row.secret);
    return webhook;
  }

  private load(): void {
    if (this.statements || this.isAbsent) return;
    // Only this process creates it.
    this.isAbsent = !this.file.exists();
    if (!this.isAbsent) this.file.use(() => undefined);
  }

  private use<T>(action: (statements: Statements) => T, durable = false): T {
    try {
      return this.file.use(() => {
        if (!this.statements) throw new Error('A connection has its statements.');
        return action(this.statements);
      }, durable);
    } catch (error) {
      if (!(error instanceof ConntrackError) || error.code === 'WEBHOOKS_UNAVAILABLE') this.statements = undefined;
      throw error;
    }
  }
}
