import type {
  ApiDocument,
  AwaitingList,
  Boot,
  Change,
  ChangePage,
  DryRun,
  EntrySummary,
  History,
  Setting,
  SettingList,
  Table,
  Whoami,
} from './documents.ts';
import { ClockBound } from './clock-ahead.ts';
import { ApiProblem, type Problem } from './problem.ts';
import { sendRequest, type ApiRequest, type ApiResponse } from './request.ts';

export interface ApiEvents {
  /** The token is invalid, expired or revoked. */
  readonly onUnauthorized: (problem: Problem) => void;
  readonly onSimulated: () => void;
}

export interface Terms {
  readonly reason?: string;
  readonly acknowledge?: readonly string[];
}

export interface SettingsRequest extends Terms {
  readonly settings: Readonly<Record<Setting['name'], number>>;
  readonly persist: boolean;
  readonly confirmWithinSeconds?: number;
}

export interface RollbackRequest extends Terms {
  readonly force: boolean;
}

/** The state of the host that a change requires, and the key that prevents it from being applied twice. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly idempotencyKey: string;
}

const SUMMARY_KEYS = ['source', 'destination', 'destinationPort', 'state'] as const;

/** The requests of this page, with one token. */
export class Api {
  private readonly token: string;
  private readonly events: ApiEvents;
  /** Upper bound of how far the service's clock is ahead of the browser's. */
  readonly clockAhead = new ClockBound();

  constructor(token: string, events: ApiEvents) {
    this.token = token;
    this.events = events;
  }

  readonly whoami = (): Promise<Whoami> => this.read('/whoami');
  readonly table = (signal?: AbortSignal): Promise<Table> => this.read('/table', signal);
  readonly boot = (signal?: AbortSignal): Promise<Boot> => this.read('/boot', signal);
  readonly settings = (signal?: AbortSignal): Promise<ApiResponse<SettingList>> => this.send('/settings', withSignal(signal));
  readonly awaiting = (signal?: AbortSignal): Promise<AwaitingList> => this.read('/changes/awaiting-confirmation', signal);

  history(from: Date, to: Date, stepSeconds: number, signal?: AbortSignal): Promise<History> {
    return this.read('/table/history', signal, { from: from.toISOString(), to: to.toISOString(), step: stepSeconds });
  }

  changes(query: Readonly<Record<string, string | number | undefined>>, signal?: AbortSignal): Promise<ChangePage> {
    return this.read('/changes', signal, query);
  }

  /** Reads the whole table, or a sample of this size: run it on request, do not poll it. */
  summary(sample?: number): Promise<EntrySummary> {
    return this.read('/entries/summary', undefined, { by: SUMMARY_KEYS.join(','), top: 8, sample });
  }

  planSettings(request: SettingsRequest, ifMatch: string | undefined): Promise<ApiResponse<DryRun>> {
    return this.send('/settings', { method: 'PATCH', body: { ...request, dryRun: true }, ifMatch });
  }

  changeSettings(request: SettingsRequest, conditions: Conditions): Promise<ApiResponse<Change>> {
    return this.send('/settings', { method: 'PATCH', body: request, ...conditions });
  }

  planRollback(id: number, request: RollbackRequest, ifMatch: string | undefined): Promise<ApiResponse<DryRun>> {
    return this.send(`/changes/${String(id)}/rollback`, { method: 'POST', body: { ...request, dryRun: true }, ifMatch });
  }

  rollBack(id: number, request: RollbackRequest, conditions: Conditions): Promise<ApiResponse<Change>> {
    return this.send(`/changes/${String(id)}/rollback`, { method: 'POST', body: request, ...conditions });
  }

  confirm(id: number, idempotencyKey: string): Promise<ApiResponse<Change>> {
    return this.send(`/changes/${String(id)}/confirm`, { method: 'POST', body: {}, idempotencyKey });
  }

  private async read<T extends ApiDocument>(path: string, signal?: AbortSignal, query: ApiRequest['query'] = {}): Promise<T> {
    return (await this.send<T>(path, { ...withSignal(signal), query })).body;
  }

  private async send<T extends ApiDocument>(path: string, request: ApiRequest): Promise<ApiResponse<T>> {
    try {
      const response = await sendRequest<T>(this.token, path, request);
      this.clockAhead.add(response.clockAheadMilliseconds);
      if (response.body.simulated === true) this.events.onSimulated();
      return response;
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 401) this.events.onUnauthorized(error.problem);
      throw error;
    }
  }
}

function withSignal(signal: AbortSignal | undefined): Pick<ApiRequest, 'signal'> {
  return signal ? { signal } : {};
}
