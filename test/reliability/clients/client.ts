import { isProblem } from '../support/try-fault.ts';
import type { Row } from '../support/judge.ts';
import type { Answer, Service } from '../support/service.ts';
import type { Random } from './random.ts';

/** A change as the API returns it, with the fields that are compared with the journal. */
export interface Recorded extends Row {
  readonly reason: string | null;
  readonly relatesTo: number | null;
  readonly rollbackOf: number | null;
  readonly confirmBy?: string;
  readonly deletion?: {
    readonly namespace: string | null;
    readonly deletedCount?: number;
    readonly entries?: readonly { readonly id: string }[];
  };
}

/** What all clients have done since the service was last started. */
export interface Deeds {
  /** The reason of each request that was sent: each is unique. */
  readonly sent: Set<string>;
  readonly acknowledged: Recorded[];
  /** Responses that are neither a success nor an accurate problem document. */
  readonly wrong: string[];
  requests: number;
}

export const newDeeds = (): Deeds => ({ sent: new Set(), acknowledged: [], wrong: [], requests: 0 });

/** None of these values is a risk that needs an acknowledgement. */
const SETTINGS = ['udp_timeout', 'udp_timeout_stream', 'icmp_timeout', 'generic_timeout', 'tcp_timeout_close', 'tcp_timeout_last_ack'];
/** The shortest that the API accepts. */
export const WINDOW_SECONDS = 10;
const RECENT = 12;

/** One client: sends random requests, one after another, until the service is killed. */
export class Client {
  private readonly send: (method: string, path: string, body?: unknown) => Promise<Answer>;
  private readonly random: Random;
  private readonly deeds: Deeds;
  private readonly newReason: () => string;

  constructor(service: Service, token: string, random: Random, deeds: Deeds, newReason: () => string) {
    this.send = (method, path, body) => service.request(method, `/api/v1${path}`, token, body);
    this.random = random;
    this.deeds = deeds;
    this.newReason = newReason;
  }

  /** @param isKilled a request may fail only once the service was killed */
  async run(isKilled: () => boolean): Promise<void> {
    while (!isKilled()) {
      try {
        await this.act();
      } catch (error) {
        if (!isKilled()) this.deeds.wrong.push(`no response: ${String(error)}`);
        return;
      }
    }
  }

  private act(): Promise<unknown> {
    const { random } = this;
    const drawn = random.below(100);
    if (drawn < 40) return this.change();
    if (drawn < 55) return this.confirm();
    if (drawn < 70) return this.mutate('POST', `/changes/${this.recentId()}/rollback`, { force: random.chance(50) });
    if (drawn < 73) return this.mutate('POST', '/changes/rollback-to', { change: this.recentId(), force: true });
    if (drawn < 76) return this.mutate('POST', '/settings/unpersist', { settings: [random.oneOf(SETTINGS)] });
    if (drawn < 86) return this.deleteOne();
    if (drawn < 95) return this.deleteSome();
    return this.ask('GET', random.oneOf(['/settings', '/changes', '/namespaces', '/boot', '/table']));
  }

  private change(): Promise<unknown> {
    const { random } = this;
    const names = random.chance(50) ? [random.oneOf(SETTINGS)] : [random.oneOf(SETTINGS), random.oneOf(SETTINGS)];
    const settings = Object.fromEntries(names.map((name) => [name, 20 + random.below(40)]));
    const window = random.chance(40) ? { confirmWithinSeconds: WINDOW_SECONDS } : {};
    return this.mutate('PATCH', '/settings', { settings, persist: random.chance(40), ...window });
  }

  private async confirm(): Promise<unknown> {
    const awaiting = await this.ask<{ readonly items: readonly Recorded[] }>('GET', '/changes/awaiting-confirmation');
    return awaiting && awaiting.items.length > 0 && this.mutate('POST', `/changes/${this.random.oneOf(awaiting.items).id}/confirm`, {});
  }

  private async deleteOne(): Promise<unknown> {
    const namespace = this.namespace();
    const query = namespace === undefined ? '' : `&namespace=${namespace}`;
    const page = await this.ask<Page>('GET', `/entries?limit=50${query}`);
    const entries = page?.items ?? page?.entries ?? [];
    if (entries.length === 0) return undefined;
    return this.mutate('DELETE', `/entries/${this.random.oneOf(entries).id}`, { ...(namespace !== undefined && { namespace }) });
  }

  private async deleteSome(): Promise<unknown> {
    const namespace = this.namespace();
    const body = { filter: 'protocol=udp', limit: 2, ...(namespace !== undefined && { namespace }) };
    const plan = await this.ask<{ readonly matchedCount: number }>('POST', '/entries/delete', { ...body, dryRun: true });
    return plan && this.mutate('POST', '/entries/delete', { ...body, expectedCount: plan.matchedCount });
  }

  private namespace(): string | undefined {
    return this.random.chance(50) ? NAMESPACE : undefined;
  }

  private recentId(): number {
    const last = this.deeds.acknowledged.at(-1)?.id ?? 1;
    return Math.max(1, last - this.random.below(RECENT));
  }

  private async mutate(method: string, path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const reason = this.newReason();
    this.deeds.sent.add(reason);
    const change = await this.ask<Recorded>(method, path, { ...body, reason });
    if (change) this.deeds.acknowledged.push(change);
  }

  /** `undefined` for a refusal. */
  private async ask<Body>(method: string, path: string, body?: unknown): Promise<Body | undefined> {
    const answer = await this.send(method, path, body);
    this.deeds.requests += 1;
    if (answer.status < 300) return JSON.parse(answer.text) as Body;
    const isAccurate = answer.status < 500 && isProblem(answer);
    if (!isAccurate) this.deeds.wrong.push(`${method} ${path}: ${answer.status} ${answer.type}: ${answer.text}`);
    return undefined;
  }
}

export const NAMESPACE = 'blue';

interface Page {
  readonly items?: readonly { readonly id: string }[];
  readonly entries?: readonly { readonly id: string }[];
}
