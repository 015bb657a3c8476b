import { readHost, type HostState } from './host.ts';
import { judge, type Finding } from './judge.ts';
import type { Beginning } from './scenarios.ts';
import type { Service } from './service.ts';
import type { Stage } from './stage.ts';
import { Tracer } from './tracer.ts';
import { steadyCalls, type Call } from './calls.ts';

/** The result of an undisturbed run of a scenario. */
export interface Undisturbed {
  readonly beginning: Beginning;
  /** On watched paths, in each of several runs. */
  readonly calls: readonly Call[];
  /** Number of further calls in the first run. */
  readonly unsteady: number;
  /** Every state of the host between two changes. */
  readonly known: readonly HostState[];
}

/** Runs the scenario several times. Also checks that the comparison finds nothing in an undisturbed run. */
export async function recordUndisturbed(stage: Stage): Promise<Undisturbed> {
  const beginning = await stage.prepare();
  const first = await recordOnce(stage);
  const known = [beginning.origin, beginning.host, readHost()];
  const [finding] = await compareAfterRestart(stage, { beginning, known });
  if (finding) throw new Error(`${stage.scenario.name}, undisturbed: ${finding.what}`);
  const others: (readonly Call[])[] = [];
  while (others.length < OTHER_RUNS) others.push(await recordOnce(stage));
  const calls = steadyCalls(first, others);
  if (calls.length === 0) throw new Error(`${stage.scenario.name} touches nothing that is watched.`);
  return { beginning, calls, unsteady: first.length - calls.length, known };
}

const OTHER_RUNS = 2;

async function recordOnce(stage: Stage): Promise<readonly Call[]> {
  const service = await stage.begin();
  const recorder = await Tracer.record(service, stage.log);
  await stage.actUndisturbed(service);
  const calls = await recorder.calls(stage.watch);
  await service.kill();
  return calls;
}

type Expected = Pick<Undisturbed, 'beginning' | 'known'>;

/** Compares the journal of a ready service with the host. Never throws: a journal that cannot be read is a finding. */
export async function compare(stage: Stage, service: Service, { beginning, known }: Expected): Promise<Finding[]> {
  try {
    const { origin, settledChanges } = beginning;
    const rows = await stage.rows(service);
    await stage.verifyChain(service);
    const found = judge({ origin, host: readHost(), rows: rows.filter(({ id }) => id > settledChanges), known });
    const lost = settledChanges - rows.filter(({ id }) => id <= settledChanges).length;
    return lost > 0 ? [{ kind: 'contradiction', what: `${lost} of ${settledChanges} older changes are missing` }, ...found] : found;
  } catch (error) {
    return [broken(error)];
  }
}

/** If the service does not start again, that is a finding. */
export async function compareAfterRestart(stage: Stage, expected: Expected): Promise<Finding[]> {
  let service: Service;
  try {
    service = await stage.start();
  } catch (error) {
    return [broken(error)];
  }
  const found = await compare(stage, service, expected);
  await service.kill();
  return found;
}

function broken(error: unknown): Finding {
  return { kind: 'contradiction', what: `after the restart: ${error instanceof Error ? error.message : String(error)}` };
}
