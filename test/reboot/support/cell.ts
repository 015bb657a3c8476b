import { dirname } from 'node:path';
import type { Mistake } from './judge.ts';
import type { SettingValues } from '../../../src/domain/setting.ts';
import { degradedByService, losses, mistakes, unknownSettings } from './judge.ts';
import { Machine, type MachinePlan } from './machine.ts';
import { applyFirewall, unmanagedFiles, observe, type Observation } from './observe.ts';
import { Operator, type PreviewAnswer } from './operator.ts';
import type { SiteFiles, Scenario } from './scenario.ts';
import type { Agent } from './agent.ts';

/** The result of a scenario on one kernel. */
export interface CellResult {
  readonly scenario: string;
  readonly flavour: string;
  readonly preview?: PreviewAnswer;
  readonly found?: Observation;
  readonly wrong: readonly Mistake[];
  readonly lost: readonly Mistake[];
  readonly degraded: readonly string[];
  readonly unknownSettings: readonly string[];
  /** The machine was sabotaged, so that the comparison must fail, and this was detected. */
  readonly isSabotaged?: true;
  /** Other failures, which make the cell invalid. */
  readonly failures: readonly string[];
  readonly seconds: number;
}

/** Runs a scenario up to the values after the next boot, and compares them. */
export async function runCell(scenario: Scenario, plan: MachinePlan, standard: Observation): Promise<CellResult> {
  const started = Date.now();
  const base = { scenario: scenario.name, flavour: plan.image.flavour.name };
  const nothing = { wrong: [], lost: [], degraded: [], unknownSettings: [] };
  const seconds = (): number => (Date.now() - started) / 1_000;
  let machine: Machine | undefined;
  try {
    machine = await Machine.start(plan);
    return { ...base, ...(await play(scenario, machine, standard)), seconds: seconds() };
  } catch (error) {
    return { ...base, ...nothing, failures: [error instanceof Error ? error.message : String(error)], seconds: seconds() };
  } finally {
    await machine?.kill();
  }
}

async function play(
  scenario: Scenario,
  machine: Machine,
  standard: Observation,
): Promise<Omit<CellResult, 'scenario' | 'flavour' | 'seconds'>> {
  const before = new Operator(machine.agent);
  await before.untilServing();
  await applyFirewall(machine.agent);
  await writeSiteFiles(machine.agent, scenario.siteFiles ?? {});
  if (scenario.prepare !== undefined) await machine.agent.must(scenario.prepare);
  const files = await unmanagedFiles(machine.agent);
  const promised = await scenario.act(before);
  let preview = scenario.leave === 'power-cut' ? undefined : await before.preview();
  if (scenario.sabotage !== undefined) await machine.agent.must(scenario.sabotage);
  await (scenario.leave === 'power-cut' ? machine.powerCut() : machine.reboot());
  const found = await observe(machine.agent);
  const after = new Operator(machine.agent);
  preview ??= await previewAfterBoot(after);
  const failures = [...expectations(scenario, preview, found)];
  const isTouched = (await unmanagedFiles(machine.agent)) !== files;
  if (isTouched && !scenario.isClearedAtBoot) failures.push('files of other writers were changed');
  if (scenario.afterwards) failures.push(...(await afterwards(scenario, after)));
  return judged(scenario, { preview, found, promised, standard, failures });
}

interface Evidence {
  readonly preview: PreviewAnswer;
  readonly found: Observation;
  readonly promised: SettingValues;
  readonly standard: Observation;
  readonly failures: readonly string[];
}

function judged(
  scenario: Scenario,
  { preview, found, promised, standard, failures }: Evidence,
): Omit<CellResult, 'scenario' | 'flavour' | 'seconds'> {
  const verdict = {
    preview,
    found,
    wrong: scenario.isSetByService ? [] : mistakes(preview, found.values, standard.values),
    lost: losses(promised, found),
    degraded: degradedByService(found, standard, scenario.expectedFailures ?? []),
    unknownSettings: unknownSettings(preview),
    failures,
  };
  if (scenario.sabotage === undefined) return verdict;
  const isDetected = verdict.wrong.length > 0 && verdict.lost.length > 0;
  return {
    ...verdict,
    isSabotaged: true,
    wrong: [],
    lost: [],
    failures: isDetected ? failures : [...failures, 'the sabotage was not detected'],
  };
}

function* expectations({ findings = [], real = {} }: Scenario, preview: PreviewAnswer, { values }: Observation): Generator<string> {
  for (const code of findings) {
    if (!preview.findings.some((finding) => finding.code === code)) yield `the preview has no finding ${code}`;
  }
  if (real === 'absent') {
    if (Object.keys(values).length > 0) yield 'expected no conntrack, found it loaded';
    return;
  }
  for (const [name, value] of Object.entries(real)) {
    if (values[name] !== value) yield `${name}: expected ${value}, found ${String(values[name])}`;
  }
}

/** After a power cut the preview is requested after the boot: the files are the same that the boot has read. */
async function previewAfterBoot(operator: Operator): Promise<PreviewAnswer> {
  await operator.untilServing();
  return operator.preview();
}

async function afterwards({ afterwards: check }: Scenario, operator: Operator): Promise<readonly string[]> {
  try {
    await operator.untilServing();
    await check?.(operator);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

async function writeSiteFiles(agent: Agent, files: SiteFiles): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await agent.must(`mkdir -p '${dirname(path)}'; rm -f '${path}'`);
    if (content === null) continue;
    if (typeof content === 'object') await agent.must(`ln -s '${content.linkTo}' '${path}'`);
    else await agent.must(`printf %s '${Buffer.from(content).toString('base64')}' | base64 -d >'${path}'`);
  }
}
