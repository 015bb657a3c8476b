import { setTimeout as sleep } from 'node:timers/promises';
import type { BootResult } from '../../../src/domain/boot/boot-result.ts';
import type { SettingName, SettingValues } from '../../../src/domain/setting.ts';
import type { Agent } from './agent.ts';

/** The response of the service to a change, with the fields used here. */
export interface ChangeAnswer {
  readonly id: number;
  readonly outcome: string;
  readonly settings: readonly { readonly name: SettingName; readonly before: number; readonly after: number | null }[];
  readonly files: readonly { readonly path: string; readonly after: string | null }[];
}

/** The boot preview, and where it differs from the live values. */
export type PreviewAnswer = BootResult & {
  readonly differences?: readonly { readonly name: SettingName; readonly live?: number; readonly atNextBoot?: number }[];
};

const READY_MILLISECONDS = 400_000;
const RETRY_MILLISECONDS = 500;

/** The operator of the machine: uses the service only through its API, and edits files manually. */
export class Operator {
  readonly agent: Agent;

  constructor(agent: Agent) {
    this.agent = agent;
  }

  /** @throws Error with the last response */
  async untilServing(): Promise<void> {
    const deadline = Date.now() + READY_MILLISECONDS;
    let seen = '';
    while (Date.now() < deadline) {
      const answer = await this.agent.api('GET', '/readyz').catch((error: unknown) => ({ status: 0, body: String(error) }));
      if (answer.status === 200 || answer.body.includes('CONNTRACK_NOT_LOADED')) return;
      seen = answer.body;
      await sleep(RETRY_MILLISECONDS);
    }
    throw new Error(`The service in the machine does not become ready: ${seen}`);
  }

  /** @throws Error unless the change is applied */
  async change(body: object): Promise<ChangeAnswer> {
    return this.carryOut('PATCH', '/api/v1/settings', body);
  }

  /** Changes and persists settings. Returns the values that are expected after a boot. */
  async persist(settings: SettingValues, more: object = {}): Promise<SettingValues> {
    return afterwardsOf(await this.change({ settings, persist: true, reason: 'reboot test', ...more }));
  }

  /** Like `persist`, but returns no values if the service refuses because of an unacknowledged risk. */
  async persistUnlessRefused(settings: SettingValues): Promise<SettingValues> {
    const { status, body } = await this.agent.api('PATCH', '/api/v1/settings', { settings, persist: true });
    if (status === 422 && body.includes('RISK_UNACKNOWLEDGED')) return {};
    if (status !== 200) throw new Error(`Persisting ${JSON.stringify(settings)}: ${status} ${body}`);
    return afterwardsOf(JSON.parse(body) as ChangeAnswer);
  }

  async carryOut(method: string, path: string, body?: object): Promise<ChangeAnswer> {
    return JSON.parse(await this.answered(method, path, body)) as ChangeAnswer;
  }

  /** @throws Error unless the request is refused with this code */
  async refused(body: object, code: string): Promise<void> {
    const { status, body: text } = await this.agent.api('PATCH', '/api/v1/settings', body);
    const found = status < 400 ? undefined : (JSON.parse(text) as { readonly code?: string }).code;
    if (found !== code) throw new Error(`${JSON.stringify(body)} expected a refusal with ${code}, found ${status} ${text}`);
  }

  async loadModule(): Promise<{ readonly change: ChangeAnswer | null }> {
    return JSON.parse(await this.answered('POST', '/api/v1/module/load', { reason: 'reboot test' })) as {
      readonly change: ChangeAnswer | null;
    };
  }

  async preview(): Promise<PreviewAnswer> {
    return JSON.parse(await this.answered('GET', '/api/v1/boot')) as PreviewAnswer;
  }

  async live(): Promise<SettingValues> {
    const { items } = JSON.parse(await this.answered('GET', '/api/v1/settings')) as {
      readonly items: readonly { readonly name: SettingName; readonly value?: number }[];
    };
    return Object.fromEntries(items.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
  }

  private async answered(method: string, path: string, body?: object): Promise<string> {
    const { status, body: text } = await this.agent.api(method, path, body);
    if (status !== 200) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${status} ${text}`);
    return text;
  }
}

function afterwardsOf({ settings }: ChangeAnswer): SettingValues {
  return Object.fromEntries(settings.flatMap(({ name, after }) => (after === null ? [] : [[name, after]])));
}
