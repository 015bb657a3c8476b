import { setTimeout as sleep } from 'node:timers/promises';
import { attemptsAt, describeCall, isSame, kindOf, type Call } from './calls.ts';
import { compareAfterRestart, recordUndisturbed } from './compare.ts';
import type { Finding } from './judge.ts';
import { meetEach } from './sample.ts';
import type { Service } from './service.ts';
import type { Stage } from './stage.ts';
import { Tracer } from './tracer.ts';

export interface PointFinding extends Finding {
  /** Number of the call, from 1, among all calls of the scenario. */
  readonly point: number;
  readonly call: string;
}

export interface SweepResult {
  readonly scenario: string;
  /** Calls on watched paths that occur in every undisturbed run. */
  readonly calls: number;
  /** Calls that occur in some runs only, and are not swept. */
  readonly unsteady: number;
  /** Calls at which the service was killed. */
  readonly swept: number;
  readonly findings: readonly PointFinding[];
  /** Chosen calls that did not occur again in several attempts, so that the service was killed at a nearby call instead. */
  readonly replaced: readonly string[];
  /** Chosen calls for which no nearby call could be used either. */
  readonly missed: readonly string[];
}

/** Kills the service at chosen calls of a scenario, restarts it each time, and compares the journal with the host. */
export async function sweep(stage: Stage, choose: (calls: readonly Call[]) => readonly number[]): Promise<SweepResult> {
  const undisturbed = await recordUndisturbed(stage);
  const { calls, unsteady } = undisturbed;
  const named = (index: number): string => describeCall(callAt(stage, calls, index));
  const chosen = choose(calls);
  const { met, replaced, missed } = await meetEach(
    chosen,
    calls.map(kindOf),
    async (index): Promise<readonly PointFinding[] | undefined> => {
      if (!(await killAtCall(stage, callAt(stage, calls, index)))) return undefined;
      const found = await compareAfterRestart(stage, undisturbed);
      return found.map((finding) => ({ ...finding, point: index + 1, call: named(index) }));
    },
  );
  return {
    scenario: stage.scenario.name,
    calls: calls.length,
    unsteady,
    swept: met.size,
    findings: [...met.values()].flat(),
    replaced: replaced.map(named),
    missed: missed.map(named),
  };
}

function callAt({ scenario }: Stage, calls: readonly Call[], index: number): Call {
  const call = calls[index];
  if (!call) throw new Error(`${scenario.name} has no call ${index + 1}: it has ${calls.length}.`);
  return call;
}

/** Whether the service was killed before the kernel executed this call. */
async function killAtCall(stage: Stage, call: Call): Promise<boolean> {
  for (const attempt of attemptsAt(call)) {
    const service = await stage.begin();
    const tracer = await Tracer.inject(service, attempt, 'signal=KILL', stage.log);
    if (await diesInAct(stage, service)) {
      if (isSame(await tracer.lastCall(call, stage.watch), call)) return true;
    } else {
      await service.kill();
      await tracer.detach();
    }
  }
  return false;
}

async function diesInAct(stage: Stage, service: Service): Promise<boolean> {
  await stage.act(service).catch(() => undefined);
  // The response may have arrived before the call, and a killed process needs some time to end.
  const end = await Promise.race([service.ended, sleep(100, undefined)]);
  return end?.signal === 'SIGKILL';
}
