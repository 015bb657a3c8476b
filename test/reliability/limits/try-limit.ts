import { setTimeout as sleep } from 'node:timers/promises';
import { Service } from '../support/service.ts';
import { exchange, mutate, readsOf, type Exchange, type Known } from './requests.ts';
import type { Limit } from './limit-list.ts';

export interface LimitResult {
  readonly limit: string;
  readonly requests: number;
  /** How many of the requests under the limit succeeded, by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Error codes of the refusals under the limit, with their number. */
  readonly codes: Readonly<Record<string, number>>;
  /** No response, because the kernel refused or closed the connection. */
  readonly unanswered: number;
  readonly problems: readonly string[];
}

/** Requests at once in the middle of the run. */
const BURST = 24;
const RECOVERS_WITHIN_MILLISECONDS = 30_000;

interface Place {
  readonly product: string;
  readonly dataDir: string;
  readonly token: string;
}

/** Sends every request under the limit, one after another and in a burst, lifts it, and requires that every request succeeds again. */
export async function tryLimit(limit: Limit, { product, dataDir, token }: Place): Promise<LimitResult> {
  const imposed = await limit.impose(dataDir);
  const start = (): Service => Service.launchPlain(product, dataDir, ['--namespaces'], imposed.wrapper);
  let service = start();
  const problems: string[] = [];
  const known: Known = { change: 1, entry: 'none', token: 'a1b2c3d4e5f6', value: 0 };
  const seen: Exchange[] = [];
  try {
    await service.untilServing();
    const reads = readsOf(await documentOf(service));
    const before = imposed.isAlwaysLimited ? failuresIn(await sendAll(token, known, reads)) : [];
    if (imposed.begin && !imposed.isAlwaysLimited) await untilNoFailure(service, token, known, reads);
    await imposed.begin?.(service.pid);
    const oneByOne = await sendAll(token, known, reads);
    const atOnce = await burst(token, known, reads);
    const again = await sendAll(token, known, reads);
    seen.push(...oneByOne, ...atOnce, ...again);
    problems.push(
      ...[...oneByOne, ...again].flatMap((each) => judge(each)),
      ...atOnce.flatMap((each) => judge(each, limit.closesConnections)),
    );
    if (limit.needsRestart) {
      await service.kill();
      await imposed.lift(service.pid);
      service = start();
      await service.untilServing();
    } else await imposed.lift(service.pid);
    problems.push(...(await untilNoFailure(service, token, known, reads, before)));
    problems.push(...(await verify(service, token)));
  } catch (error) {
    problems.push(`${String(error)}\n${service.output()}`);
  }
  problems.push(...(await endOf(service)));
  await imposed.lift(service.pid).catch(() => undefined);
  await service.kill();
  await imposed.remove?.();
  return { limit: limit.name, requests: seen.length, ...tally(seen), problems: [...new Set(problems)] };
}

type Reads = ReturnType<typeof readsOf>;

async function documentOf(service: Service): Promise<Parameters<typeof readsOf>[0]> {
  const { status, text } = await service.request('GET', '/openapi.json');
  if (status !== 200) throw new Error(`/openapi.json: ${status} ${text}`);
  return JSON.parse(text) as Parameters<typeof readsOf>[0];
}

async function sendAll(token: string, known: Known, reads: Reads): Promise<readonly Exchange[]> {
  const done = [...(await mutate(token, known))];
  for (const read of reads) done.push(await read(token, known));
  return done;
}

async function burst(token: string, known: Known, reads: Reads): Promise<readonly Exchange[]> {
  const queue = [...reads, ...reads, ...reads];
  const done: Exchange[] = [];
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) done.push(await next(token, known));
  };
  const mutations = mutate(token, known);
  await Promise.all(Array.from({ length: BURST }, work));
  return [...done, ...(await mutations)];
}

function failuresIn(all: readonly Exchange[]): readonly Exchange[] {
  return all.filter(({ answer }) => !answer || answer.status >= 400);
}

/** Repeats all requests until none fails, except those that may fail. Returns what still fails at the end. */
async function untilNoFailure(
  service: Service,
  token: string,
  known: Known,
  reads: Reads,
  mayFail: readonly Exchange[] = [],
): Promise<readonly string[]> {
  const exempt = new Set(mayFail.map(({ what }) => what));
  const deadline = Date.now() + RECOVERS_WITHIN_MILLISECONDS;
  for (;;) {
    const { status, text } = await service.request('GET', '/readyz').catch((error: unknown) => ({ status: 0, text: String(error) }));
    if (status === 200) {
      const failed = failuresIn(await sendAll(token, known, reads)).filter(({ what, answer }) => !answer || !exempt.has(what));
      if (failed.length === 0) return [];
      if (Date.now() > deadline) return failed.map((each) => `without the limit: ${show(each)}`);
    } else if (Date.now() > deadline) return [`without the limit: /readyz ${status} ${text}`];
    await sleep(500);
  }
}

/** The response must be accurate: what is wrong, under its own code and status, and what to do. */
function judge(each: Exchange, mayBeClosed = false): readonly string[] {
  const { answer, error } = each;
  if (!answer) return mayBeClosed && /ECONNRESET|socket hang up|EPIPE/.test(error ?? '') ? [] : [show(each)];
  if (answer.status < 400) return [];
  if (!answer.type.startsWith('application/problem+json')) return [`not a problem document: ${show(each)}`];
  const { status, code, detail, remedy } = JSON.parse(answer.text) as Readonly<Record<string, unknown>>;
  if (answer.status === 500 || status !== answer.status || typeof code !== 'string' || typeof detail !== 'string') return [show(each)];
  return answer.status > 500 && typeof remedy !== 'string' ? [`no remedy: ${show(each)}`] : [];
}

function show({ what, answer, error }: Exchange): string {
  return `${what}: ${answer ? `${answer.status} ${answer.type} ${answer.text.slice(0, 400)}` : String(error)}`;
}

async function verify(service: Service, token: string): Promise<readonly string[]> {
  const { answer } = await exchange(token, 'GET', '/api/v1/changes/verify');
  const isIntact = answer?.status === 200 && !('broken' in (JSON.parse(answer.text) as object));
  return isIntact ? [] : [`the journal does not verify: ${String(answer?.text)}\n${service.output()}`];
}

async function endOf(service: Service): Promise<readonly string[]> {
  const end = await Promise.race([service.ended, sleep(100, undefined)]);
  return end ? [`the service ended with ${String(end.signal ?? end.code)}: ${service.output()}`] : [];
}

function tally(seen: readonly Exchange[]): Pick<LimitResult, 'statuses' | 'codes' | 'unanswered'> {
  const statuses: Record<string, number> = {};
  const codes: Record<string, number> = {};
  for (const { answer } of seen) {
    if (!answer) continue;
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    if (!answer.type.startsWith('application/problem+json')) continue;
    const { code } = JSON.parse(answer.text) as { readonly code: string };
    codes[code] = (codes[code] ?? 0) + 1;
  }
  return { statuses, codes, unanswered: seen.filter(({ answer }) => !answer).length };
}
