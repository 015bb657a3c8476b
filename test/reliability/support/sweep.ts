import { setTimeout as sleep } from 'node:timers/promises';
import { attemptsAt, describeCall, isSame, type Call } from './calls.ts';
import { compareAfterRestart, recordUndisturbed } from './compare.ts';
import type { Finding } from './judge.ts';
import type { Service } from './service.ts';
import type { Stage } from './stage.ts';
import { Tracer } from './tracer.ts';

export interface PointFinding extends Finding {
  /** From 1, among all calls of the scenario. */
  readonly point: number;
  readonly call: string;
}

export interface SweepResult {
  readonly scenario: string;
  /** Calls on watched paths that come in every undisturbed run. */
  readonly calls: number;
  /** Those that come in some only: not swept. */
  readonly unsteady: number;
  /** Calls that the service was killed at. */
  readonly swept: number;
  readonly findings: readonly PointFinding[];
  /** Calls that were chosen and, in several tries, not met again. */
  readonly missed: readonly string[];
}

/** Kills the service at chosen calls of a scenario, restarts it each time, and holds the record against the host. */
export async function sweep(stage: Stage, choose: (calls: readonly Call[]) => readonly number[]): Promise<SweepResult> {
  const undisturbed = await recordUndisturbed(stage);
  const { calls, unsteady } = undisturbed;
  const findings: PointFinding[] = [];
  const missed: string[] = [];
  const chosen = choose(calls);
  for (const index of chosen) {
    const call = calls[index];
    if (!call) throw new Error(`${stage.scenario.name} has no call ${index + 1}: it has ${calls.length}.`);
    const named = { point: index + 1, call: describeCall(call) };
    if (await killAtCall(stage, call))
      findings.push(...(await compareAfterRestart(stage, undisturbed)).map((found) => ({ ...found, ...named })));
    else missed.push(named.call);
  }
  return { scenario: stage.scenario.name, calls: calls.length, unsteady, swept: chosen.length - missed.length, findings, missed };
}

/** Whether it was killed there: before the kernel began that very call. */
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
  // The answer may have come before the call, and a killed process takes a moment to die.
  const end = await Promise.race([service.ended, sleep(100, undefined)]);
  return end?.signal === 'SIGKILL';
}
