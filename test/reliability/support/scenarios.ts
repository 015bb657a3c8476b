import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './calls.ts';
import type { HostState } from './host.ts';
import type { Answer, Service } from './service.ts';

/** The actions available to a scenario. */
export interface Client {
  readonly service: Service;
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Kills the service at a call of `act`, chosen from the calls of an undisturbed run. */
  readonly crash: (act: Act, choose: (calls: readonly Call[]) => Call | undefined) => Promise<undefined>;
}

/** Returns the relevant response, or `undefined` if none is expected. */
export type Act = (client: Client) => Promise<Answer | undefined>;

export interface Scenario {
  readonly name: string;
  /** The settings that it changes. Their files are watched. */
  readonly settings: readonly string[];
  /** Prepares the journal and the host. Changes that are recorded and settled here are not judged. */
  readonly prepare?: Act;
  /** Acts on a running service. If absent, the start itself is the scenario. */
  readonly act?: Act;
  /** Starts without a data directory. */
  readonly fresh?: boolean;
  /** `prepare` leaves a change that awaits confirmation. The service starts shortly before its window expires, with its boot clock set forward. */
  readonly runsOut?: boolean;
}

/** The state of the host and the journal at the start of a scenario. */
export interface Beginning {
  readonly host: HostState;
  /** The state before the first change that is not settled. */
  readonly origin: HostState;
  readonly settledChanges: number;
}

const ONE = ['udp_timeout'];
const SEVERAL = ['udp_timeout', 'udp_timeout_stream', 'tcp_timeout_established', 'icmp_timeout'];
const SEVERAL_VALUES = { udp_timeout: 31, udp_timeout_stream: 121, tcp_timeout_established: 86_400, icmp_timeout: 29 };

const change = (settings: Readonly<Record<string, number>>, persist = false) => {
  return ({ ask }: Client): Promise<Answer> => ask('PATCH', '/api/v1/settings', { settings, persist });
};
const rollBack = (id: number) => {
  return ({ ask }: Client): Promise<Answer> => ask('POST', `/api/v1/changes/${id}/rollback`);
};

/** Longer than a full sweep takes. */
const LONG_SECONDS = 3_600;
/** The minimum of the API. */
const SHORT_SECONDS = 10;

const changeToBeConfirmed = (confirmWithinSeconds: number): Act => {
  return ({ ask }) => ask('PATCH', '/api/v1/settings', { settings: { udp_timeout: 31 }, persist: true, confirmWithinSeconds });
};
/** Kills the service immediately and lets the window expire before the next start. */
const dieUnconfirmed: Act = async (client) => {
  const answer = await changeToBeConfirmed(SHORT_SECONDS)(client);
  await client.service.kill();
  await sleep(SHORT_SECONDS * 1_000 + 500);
  return answer;
};

/** The service reverts automatically. Its log shows what it records, so no request adds calls. */
const untilReverted: Act = async ({ service }) => {
  await service.untilPrinted('journal head 4:');
  return undefined;
};

/** Everything is done except recording the outcome. */
const afterTheHostMoved = (calls: readonly Call[]): Call | undefined => {
  const last = calls.findLastIndex(({ syscall }) => syscall === 'rename');
  return calls.slice(last).find(({ syscall, target }) => syscall === 'pwrite64' && target.endsWith('-wal'));
};
const betweenTwoFiles = (calls: readonly Call[]): Call | undefined => calls.findLast(({ syscall }) => syscall === 'rename');

export const SCENARIOS: readonly Scenario[] = [
  { name: 'change', settings: ONE, act: change({ udp_timeout: 31 }) },
  { name: 'change of several', settings: SEVERAL, act: change(SEVERAL_VALUES) },
  { name: 'persist', settings: ONE, act: change({ udp_timeout: 31 }, true) },
  {
    name: 'persist over an older file',
    settings: SEVERAL,
    prepare: change({ udp_timeout: 40, icmp_timeout: 40 }, true),
    act: change(SEVERAL_VALUES, true),
  },
  { name: 'rollback', settings: ONE, prepare: change({ udp_timeout: 31 }, true), act: rollBack(1) },
  {
    name: 'rollback to a point',
    settings: SEVERAL,
    prepare: async (client) => {
      await change({ udp_timeout: 40 })(client);
      await change(SEVERAL_VALUES, true)(client);
      return change({ udp_timeout: 50, icmp_timeout: 50 }, true)(client);
    },
    act: ({ ask }) => ask('POST', '/api/v1/changes/rollback-to', { change: 1 }),
  },
  {
    name: 'recovery of a change that was done',
    settings: ONE,
    prepare: ({ crash }) => crash(change({ udp_timeout: 31 }, true), afterTheHostMoved),
  },
  {
    name: 'recovery of a change done in part',
    settings: SEVERAL,
    prepare: ({ crash }) => crash(change(SEVERAL_VALUES, true), betweenTwoFiles),
  },
  { name: 'change to be confirmed', settings: ONE, act: changeToBeConfirmed(LONG_SECONDS) },
  {
    name: 'confirm',
    settings: ONE,
    prepare: changeToBeConfirmed(LONG_SECONDS),
    act: ({ ask }) => ask('POST', '/api/v1/changes/1/confirm'),
  },
  { name: 'window-extended', settings: ONE, prepare: changeToBeConfirmed(LONG_SECONDS), act: changeToBeConfirmed(LONG_SECONDS) },
  { name: 'revert', settings: ONE, prepare: dieUnconfirmed },
  { name: 'revert while running', settings: ONE, prepare: changeToBeConfirmed(LONG_SECONDS), act: untilReverted, runsOut: true },
  { name: 'first start', settings: [], fresh: true },
  {
    name: 'stop',
    settings: ONE,
    prepare: change({ udp_timeout: 31 }),
    act: async ({ service }) => {
      service.signal('SIGTERM');
      await service.ended;
      return undefined;
    },
  },
];

/** @throws Error with the names of all scenarios */
export function scenarioNamed(name: string | undefined): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (!scenario) throw new Error(`There is no scenario "${String(name)}": ${SCENARIOS.map((known) => known.name).join(', ')}.`);
  return scenario;
}
