import { setTimeout as sleep } from 'node:timers/promises';
import { attemptsAt, isSame } from './calls.ts';
import { compare, compareAfterRestart, type Undisturbed } from './compare.ts';
import type { Fault } from './fault-list.ts';
import type { Finding } from './judge.ts';
import type { Answer, End, Service } from './service.ts';
import type { Stage } from './stage.ts';
import { Tracer } from './tracer.ts';

/**
 * `answer`: a response that is neither a success nor a problem document, or none at all. `crash`: the service ended without a message that
 * explains why. `recreation`: the journal was silently replaced by a new one.
 */
export interface FaultFinding {
  readonly kind: Finding['kind'] | 'answer' | 'crash' | 'recreation';
  readonly what: string;
}

/** Exit codes of the service. */
const [FAILED, REFUSED] = [1, 3];
const SETTLES_WITHIN_MILLISECONDS = 10_000;

/**
 * Runs a scenario with one fault, and compares the journal with the host twice: when the fault is over, and after a restart. Returns
 * `undefined` if the call did not occur again.
 */
export async function tryFault(stage: Stage, fault: Fault, undisturbed: Undisturbed): Promise<readonly FaultFinding[] | undefined> {
  for (const call of attemptsAt(fault.call)) {
    const found = await tryOnce(stage, { ...fault, call }, undisturbed);
    if (found) return found;
  }
  return undefined;
}

async function tryOnce(stage: Stage, fault: Fault, undisturbed: Undisturbed): Promise<readonly FaultFinding[] | undefined> {
  const service = await stage.begin();
  const tracer = await Tracer.inject(service, fault.call, fault.effect, stage.log, fault.onwards);
  const outcome = await outcomeOf(stage, service);
  await tracer.detach();
  if (!isSame(await tracer.firstInjected(fault.call, stage.watch), fault.call)) {
    await service.kill();
    return undefined;
  }
  const judged = judgeOutcome(stage, outcome, service);
  const settled = outcome.end ? [] : await compareOnceSettled(stage, service, undisturbed);
  await service.kill();
  return [...judged, ...settled, ...(await compareAfterRestart(stage, undisturbed))];
}

interface Outcome {
  readonly answer?: Answer;
  readonly end?: End | undefined;
  readonly error?: string;
}

async function outcomeOf(stage: Stage, service: Service): Promise<Outcome> {
  try {
    const answer = await stage.tryAct(service);
    return answer ? { answer } : {};
  } catch (error) {
    const end = await Promise.race([service.ended, sleep(100, undefined)]);
    return { end, error: error instanceof Error ? error.message : String(error) };
  }
}

function judgeOutcome(stage: Stage, { answer, end, error }: Outcome, service: Service): readonly FaultFinding[] {
  if (end) {
    const mayEnd = stage.scenario.act === undefined && endedWithMessage(service, end);
    return mayEnd ? [] : [{ kind: 'crash', what: `it ended with ${String(end.signal ?? end.code)}: ${service.output()}` }];
  }
  if (error !== undefined) return [{ kind: 'answer', what: `no response: ${error}` }];
  if (!answer || answer.status < 400 || isProblem(answer)) return [];
  return [{ kind: 'answer', what: `${answer.status} ${answer.type}: ${answer.text}` }];
}

export function isProblem({ type }: Answer): boolean {
  return type.startsWith('application/problem+json');
}

/** A service that handles a request must not end. One that is starting may end with a message that explains why. */
export function endedWithMessage(service: Service, { code }: End): boolean {
  return (code === FAILED || code === REFUSED) && /^conntrack-api: [A-Z_]+: /m.test(service.output());
}

const CHANGES = 2;

/** A ready service must apply a change. The first attempt may still fail because of what the fault left behind. */
async function requireChangeable(stage: Stage, service: Service): Promise<readonly FaultFinding[]> {
  let last: Answer | undefined;
  for (let count = 0; count < CHANGES; count += 1) {
    last = await stage.ask(service, 'PATCH', '/api/v1/settings', { settings: { udp_timeout: 55 } });
    if (last.status < 300) return [];
    if (!isProblem(last)) return [{ kind: 'answer', what: `afterwards: ${last.status} ${last.type}: ${last.text}` }];
  }
  return [{ kind: 'contradiction', what: `it is ready but does not apply a change: ${String(last?.status)} ${String(last?.text)}` }];
}

/** Compares on a service after the fault is over. */
export async function compareOnceSettled(stage: Stage, service: Service, undisturbed: Undisturbed): Promise<readonly FaultFinding[]> {
  const deadline = Date.now() + SETTLES_WITHIN_MILLISECONDS;
  let last = '';
  try {
    while (Date.now() < deadline) {
      const { status, text } = await service.request('GET', '/readyz');
      if (status === 200) return [...(await compare(stage, service, undisturbed)), ...(await requireChangeable(stage, service))];
      last = text;
      await sleep(100);
    }
  } catch (error) {
    return [{ kind: 'answer', what: `when the fault is over: ${String(error)}` }];
  }
  return [{ kind: 'contradiction', what: `it does not become ready again after the fault: ${last}` }];
}
