import type {
  Answered,
  BootResult,
  Change,
  ChangePage,
  EntrySummary,
  History,
  Plan,
  Setting,
  SettingList,
  Table,
  Whoami,
} from './answers.ts';
import { ask, type Answer, type Question } from './ask.ts';
import { ClockBound } from './clock-ahead.ts';
import { ApiProblem, type Problem } from './problem.ts';

export interface ApiEvents {
  /** The token is not, or no longer, good. */
  readonly onTurnedAway: (problem: Problem) => void;
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

/** Says under which state something is to happen, and that it is to happen once. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly idempotencyKey: string;
}

export const SUMMARY_KEYS = ['source', 'destination', 'destinationPort', 'state'] as const;

/** The calls this page makes, with one token. */
export class Api {
  private readonly token: string;
  private readonly events: ApiEvents;
  /** How far the service's clock is ahead of this browser's, at most. */
  readonly clockAhead = new ClockBound();

  constructor(token: string, events: ApiEvents) {
    this.token = token;
    this.events = events;
  }

  readonly whoami = (): Promise<Whoami> => this.read('/whoami');
  readonly table = (signal?: AbortSignal): Promise<Table> => this.read('/table', signal);
  readonly boot = (signal?: AbortSignal): Promise<BootResult> => this.read('/boot', signal);
  readonly settings = (signal?: AbortSignal): Promise<Answer<SettingList>> => this.ask('/settings', signalled(signal));
  readonly awaiting = (signal?: AbortSignal): Promise<ChangePage> => this.read('/changes/awaiting-confirmation', signal);

  history(from: Date, to: Date, stepSeconds: number, signal?: AbortSignal): Promise<History> {
    return this.read('/table/history', signal, { from: from.toISOString(), to: to.toISOString(), step: stepSeconds });
  }

  changes(query: Readonly<Record<string, string | number | undefined>>, signal?: AbortSignal): Promise<ChangePage> {
    return this.read('/changes', signal, query);
  }

  /** One pass over the whole table: to be asked for, not polled. */
  summary(): Promise<EntrySummary> {
    return this.read('/entries/summary', undefined, { by: SUMMARY_KEYS.join(','), top: 8 });
  }

  planSettings(request: SettingsRequest, ifMatch: string | undefined): Promise<Answer<Plan>> {
    return this.ask('/settings', { method: 'PATCH', body: { ...request, dryRun: true }, ifMatch });
  }

  changeSettings(request: SettingsRequest, conditions: Conditions): Promise<Answer<Change>> {
    return this.ask('/settings', { method: 'PATCH', body: request, ...conditions });
  }

  planRollback(id: number, request: RollbackRequest, ifMatch: string | undefined): Promise<Answer<Plan>> {
    return this.ask(`/changes/${String(id)}/rollback`, { method: 'POST', body: { ...request, dryRun: true }, ifMatch });
  }

  rollBack(id: number, request: RollbackRequest, conditions: Conditions): Promise<Answer<Change>> {
    return this.ask(`/changes/${String(id)}/rollback`, { method: 'POST', body: request, ...conditions });
  }

  confirm(id: number, idempotencyKey: string): Promise<Answer<Change>> {
    return this.ask(`/changes/${String(id)}/confirm`, { method: 'POST', body: {}, idempotencyKey });
  }

  private async read<T extends Answered>(path: string, signal?: AbortSignal, query: Question['query'] = {}): Promise<T> {
    return (await this.ask<T>(path, { ...signalled(signal), query })).body;
  }

  private async ask<T extends Answered>(path: string, question: Question): Promise<Answer<T>> {
    try {
      const answer = await ask<T>(this.token, path, question);
      this.clockAhead.add(answer.clockAheadMilliseconds);
      if (answer.body.simulated === true) this.events.onSimulated();
      return answer;
    } catch (error) {
      if (error instanceof ApiProblem && error.problem.status === 401) this.events.onTurnedAway(error.problem);
      throw error;
    }
  }
}

function signalled(signal: AbortSignal | undefined): Pick<Question, 'signal'> {
  return signal ? { signal } : {};
}
