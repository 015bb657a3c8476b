import type { BootFile, BootFilesFound, BootService } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { describe } from '../ledger.ts';
import { textOf } from './file-order.ts';
import { commandLineWords } from './kernel-command-line.ts';
import { commandWords, EVERYTHING, selectionOf, type SysctlSelection } from './systemd-sysctl-command.ts';
import { assignmentsOf, type Assignment } from './unordered-firewalls.ts';

/** How a service of systemd runs at the next boot. */
export type ServiceRun =
  /** `selection`: what systemd-sysctl sets; `why` if that is less than usual. */
  | { readonly kind: 'runs'; readonly selection: SysctlSelection; readonly why?: string; readonly lines: readonly BootLine[] }
  | { readonly kind: 'off'; readonly why: string; readonly lines: readonly BootLine[] }
  /** A drop-in adds a condition, so it may run or not. */
  | { readonly kind: 'conditional'; readonly why: string; readonly lines: readonly BootLine[] }
  /** It runs something else, with an unknown result. */
  | { readonly kind: 'changed'; readonly why: string; readonly lines: readonly BootLine[] };

export interface ServiceRuns {
  readonly modulesLoad: ServiceRun;
  readonly sysctl: ServiceRun;
}

const RUNS: ServiceRun = { kind: 'runs', selection: EVERYTHING, lines: [] };

export function serviceRuns(found: BootFilesFound): ServiceRuns {
  const { services } = found;
  const runOf = (name: string, service: BootService | undefined): ServiceRun =>
    maskedOnCommandLine(found, name) ?? (service === undefined ? RUNS : runOfUnit(service));
  return {
    modulesLoad: runOf('systemd-modules-load.service', services?.modulesLoad),
    sysctl: runOf('systemd-sysctl.service', services?.sysctl),
  };
}

type Uncertain = Extract<ServiceRun, { kind: 'conditional' | 'changed' }>;

export function isUncertain(run: ServiceRun): run is Uncertain {
  return run.kind === 'conditional' || run.kind === 'changed';
}

/** One for each combination of what may happen. Another command in place of systemd-modules-load may load the module, or not. */
export function possibleServices(found: BootFilesFound, init: 'systemd' | 'other'): readonly ServiceRuns[] {
  if (init === 'other') return [{ modulesLoad: RUNS, sysctl: RUNS }];
  const { modulesLoad, sysctl } = serviceRuns(found);
  const either = (run: Uncertain): readonly ServiceRun[] => [RUNS, { ...run, kind: 'off' }];
  const loads = isUncertain(modulesLoad) ? either(modulesLoad) : [modulesLoad];
  const sets = sysctl.kind === 'conditional' ? either(sysctl) : [sysctl];
  return loads.flatMap((one) => sets.map((other) => ({ modulesLoad: one, sysctl: other })));
}

/** `systemd.mask=`; the same with `rd.` is for the initramfs. */
function maskedOnCommandLine({ commandLine }: BootFilesFound, name: string): ServiceRun | undefined {
  const word = commandLineWords(commandLine).find((each) => {
    const [, unit] = /^systemd\.mask=(.*)$/s.exec(each) ?? [];
    return unit === name || `${unit ?? ''}.service` === name;
  });
  if (commandLine === undefined || word === undefined) return undefined;
  return { kind: 'off', why: `${word} on the kernel command line masks ${name}`, lines: [{ path: commandLine.path, line: 1, text: word }] };
}

function runOfUnit({ name, files, isWanted }: BootService): ServiceRun {
  const [unit, ...dropIns] = files;
  if (unit === undefined) return { kind: 'off', why: `${name} is not installed`, lines: [] };
  if (isEmpty(unit)) return { kind: 'off', why: `${unit.path} masks ${name}`, lines: [{ path: unit.path, line: 1, text: '' }] };
  if (!isWanted) return { kind: 'off', why: `no unit starts ${name}`, lines: [] };
  const commands = commandsOf(files);
  const [first, ...others] = commands;
  if (first === undefined) return { kind: 'off', why: `${name} has no ExecStart= any more`, lines: resetsOf(files) };
  const condition = dropIns.flatMap(linesOf).find(({ key, value }) => /^(Condition|Assert)/.test(key) && value !== '');
  if (condition !== undefined)
    return { kind: 'conditional', why: `${describe(condition.at)} adds a condition to ${name}`, lines: [condition.at] };
  return others.length > 0 ? changed(name, first.at) : runOfCommand(name, first);
}

function runOfCommand(name: string, { value, at }: Assignment): ServiceRun {
  const [program = '', ...words] = commandWords(value.replace(/^[-@:+!]*/, ''));
  if (/(^|\/)(true|false|:)$/.test(program)) return { kind: 'off', why: `${describe(at)} runs ${program} in its place`, lines: [at] };
  const isOwn = name === `${program.slice(program.lastIndexOf('/') + 1)}.service`;
  if (isOwn && words.length === 0) return RUNS;
  if (!isOwn || name === 'systemd-modules-load.service') return changed(name, at);
  const selection = selectionOf(words);
  if (selection === undefined) return { kind: 'off', why: `with the arguments at ${describe(at)} it sets nothing`, lines: [at] };
  return { kind: 'runs', selection, why: `${describe(at)} limits what it sets`, lines: [at] };
}

function changed(name: string, at: BootLine): ServiceRun {
  return { kind: 'changed', why: `${describe(at)} changes the command of ${name}`, lines: [at] };
}

/** An empty assignment removes the earlier ones. */
function commandsOf(files: readonly BootFile[]): readonly Assignment[] {
  const assignments = files.flatMap(linesOf).filter(({ key }) => key === 'ExecStart');
  return assignments.slice(assignments.findLastIndex(({ value }) => value === '') + 1);
}

function resetsOf(files: readonly BootFile[]): readonly BootLine[] {
  return files.flatMap(linesOf).flatMap(({ key, value, at }) => (key === 'ExecStart' && value === '' ? [at] : []));
}

function linesOf(file: BootFile): readonly Assignment[] {
  return assignmentsOf(file.path, textOf(file) ?? '');
}

function isEmpty({ content }: BootFile): boolean {
  return content.kind === 'null-device' || (content.kind === 'text' && content.text === '');
}
