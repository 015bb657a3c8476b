import { readdirSync, statSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordUndisturbed } from './compare.ts';
import { damagesOf, startOnDamaged } from './damage.ts';
import { describeFault, faultsAt } from './fault-list.ts';
import { meetEach } from './sample.ts';
import { scenarioNamed } from './scenarios.ts';
import { Stage } from './stage.ts';
import { changeOnTinyDisk } from './tiny-disk.ts';
import { tryFault, type FaultFinding } from './try-fault.ts';

const SCENARIOS = ['persist over an older file', 'rollback', 'recovery of a change done in part', 'first start'];
const DAMAGE = 'damaged database';
const TINY = 'tiny disk';
export const FAULT_SUITES: readonly string[] = [...SCENARIOS, DAMAGE, TINY];

export interface SuiteResult {
  readonly suite: string;
  readonly possible: number;
  /** Cases whose fault occurred. */
  readonly cases: number;
  /** Cases whose call did not occur again in several attempts, so that a nearby case was tried instead. */
  readonly replaced: readonly string[];
  /** Cases for which no nearby case could be tried either. */
  readonly missed: readonly string[];
  readonly findings: readonly (FaultFinding & { readonly number: number; readonly name: string })[];
}

interface Case {
  readonly name: string;
  /** `undefined` if the fault did not occur. */
  readonly run: () => Promise<readonly FaultFinding[] | undefined>;
}

export async function runSuite(
  suite: string,
  product: string,
  directory: string,
  choose: (length: number) => readonly number[],
): Promise<SuiteResult> {
  const all = await casesOf(suite, product, directory);
  const named = (index: number): string => (all[index] ?? noCase(suite, index, all.length)).name;
  const { met, replaced, missed } = await meetEach(choose(all.length), all.map(kindOfCase), async (index) => {
    const { name, run } = all[index] ?? noCase(suite, index, all.length);
    return (await run())?.map((found) => ({ ...found, number: index + 1, name }));
  });
  return {
    suite,
    possible: all.length,
    cases: met.size,
    replaced: replaced.map(named),
    missed: missed.map(named),
    findings: [...met.values()].flat(),
  };
}

/** The call without its number and its fault. */
function kindOfCase({ name }: Case): string {
  return (name.split(': ')[0] ?? '').replace(/ \d+ /, ' ');
}

function noCase(suite: string, index: number, length: number): never {
  throw new Error(`${suite} has no case ${index + 1}: it has ${length}.`);
}

function casesOf(suite: string, product: string, directory: string): Promise<readonly Case[]> {
  const stageOf = (scenario: string): Stage => new Stage(scenarioNamed(scenario), product, directory);
  if (suite === DAMAGE) return damageCases(stageOf('rollback'));
  if (suite === TINY) return tinyCases(stageOf('change'));
  return callCases(stageOf(suite));
}

async function callCases(stage: Stage): Promise<readonly Case[]> {
  const undisturbed = await recordUndisturbed(stage);
  return faultsAt(undisturbed.calls).map((fault) => ({ name: describeFault(fault), run: () => tryFault(stage, fault, undisturbed) }));
}

/** Uses a database that was closed properly, so that all of it is in one file. */
async function damageCases(stage: Stage): Promise<readonly Case[]> {
  await stage.prepare();
  const service = await stage.begin();
  service.signal('SIGTERM');
  await service.ended;
  const expected = await stage.commandLine('journal', 'export');
  const closed = `${stage.dataDir}.closed`;
  await cp(stage.dataDir, closed, { recursive: true });
  return damagesOf(join(closed, DATABASE)).map(({ name, inflict }) => ({
    name,
    run: async () => {
      await rm(stage.dataDir, { recursive: true });
      await cp(closed, stage.dataDir, { recursive: true });
      inflict(join(stage.dataDir, DATABASE));
      return startOnDamaged(stage, expected);
    },
  }));
}

const DATABASE = 'conntrack-api.sqlite3';
const STEP_KIBIBYTES = 8;
const STEPS = 40;

/** From a disk that the data barely fits on, to one with space for many changes. */
async function tinyCases(stage: Stage): Promise<readonly Case[]> {
  const undisturbed = await recordUndisturbed(stage);
  const least = kibibytes(stage.template);
  return Array.from({ length: STEPS }, (_none, index) => least + STEP_KIBIBYTES * (index + 1)).map((size) => ({
    name: `${size} KiB`,
    run: () => changeOnTinyDisk(stage, size, undisturbed),
  }));
}

/** The size on a file system that stores whole pages. */
function kibibytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + Math.ceil(statSync(join(directory, name)).size / 4_096) * 4, 0);
}
