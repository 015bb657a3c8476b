import type { BootLine } from '../boot-line.ts';
import type { BootFilesFound } from '../boot-input.ts';
import { orderFiles, textOf } from './file-order.ts';
import { matchesName } from './glob.ts';
import { runCommand } from './script-commands.ts';
import { shellCommands } from './shell-commands.ts';
import { BUCKETS_PATH, type SysctlCommand } from './sysctl-command.ts';
import { systemdPath } from './sysctl-key.ts';
import { labelOf, udevLines, type UdevLine, type UdevToken } from './udev-lines.ts';

/** A command that sets settings, and its line. */
export interface CommandAt {
  readonly at: BootLine;
  readonly command: SysctlCommand;
}

/** The commands of udev rules that set settings, in the order in which udev runs them. */
export interface UdevCommands {
  /** When the module is loaded. */
  readonly onLoad: readonly CommandAt[];
  /** At another event, under conditions that are not known here, or with a value that is not. */
  readonly atOtherEvents: readonly CommandAt[];
}

type Event = Readonly<Record<string, string>>;
type Applies = 'yes' | 'no' | 'unknown';

export function udevCommands(found: BootFilesFound, module: string): UdevCommands {
  const event: Event = {
    ...{ ACTION: 'add', DEVPATH: `/module/${module}` },
    // A module has no parent device.
    ...{ SUBSYSTEM: 'module', SUBSYSTEMS: 'module', KERNEL: module, KERNELS: module },
  };
  const run = new UdevRun(found, module);
  const directories = found.directories.filter(({ kind }) => kind === 'rules.d');
  for (const file of orderFiles(directories, ['.rules']).read) {
    let skip: { readonly to: string; readonly applies: Applies } | undefined;
    for (const rule of udevLines(textOf(file) ?? '')) {
      if (skip !== undefined && labelOf(rule) === skip.to) skip = undefined;
      const applies = skip?.applies === 'no' ? 'no' : both(skip?.applies ?? 'yes', appliesTo(rule, event));
      run.apply(rule, { path: file.path, line: rule.line, text: rule.text }, applies);
      if (rule.goto !== undefined && applies !== 'no') skip = { to: rule.goto, applies: applies === 'yes' ? 'no' : 'unknown' };
    }
  }
  return run.commands();
}

class UdevRun {
  private readonly found: BootFilesFound;
  private readonly module: string;
  private readonly assigned: CommandAt[] = [];
  private readonly possible: CommandAt[] = [];
  private programs: readonly CommandAt[] = [];
  private isFinal = false;
  private mayBeFinal = false;

  constructor(found: BootFilesFound, module: string) {
    this.found = found;
    this.module = module;
  }

  apply({ tokens }: UdevLine, at: BootLine, applies: Applies): void {
    // In a rule, attributes are assigned before sysctls.
    for (const token of tokens.toSorted((a, b) => Number(a.key === 'SYSCTL') - Number(b.key === 'SYSCTL'))) {
      const assignments = assignment(token, at, this.module);
      if (applies === 'yes') this.assigned.push(...assignments);
      else if (!isRemoval(tokens)) this.possible.push(...assignments);
    }
    for (const token of tokens.filter(({ key }) => key === 'RUN')) {
      const commands = commandsOf(token, at, this.found, this.module);
      if (applies === 'no') {
        if (!isRemoval(tokens)) this.possible.push(...commands);
      } else if (!this.isFinal) this.run(token.operator, commands, this.mayBeFinal ? 'unknown' : applies);
    }
  }

  commands(): UdevCommands {
    const all = [...this.assigned, ...this.programs];
    const isKnown = ({ command }: CommandAt): boolean => command.kind !== 'assign' || command.value !== undefined;
    return { onLoad: all.filter(isKnown), atOtherEvents: [...this.possible, ...all.filter((each) => !isKnown(each))] };
  }

  /** `=` and `:=` replace the commands so far, and nothing replaces those of `:=`. */
  private run(operator: string, commands: readonly CommandAt[], applies: Applies): void {
    if (applies === 'unknown') {
      this.possible.push(...commands);
      if (operator === '+=') return;
      this.mayBeFinal ||= operator === ':=';
      this.possible.push(...this.programs);
      this.programs = [];
      return;
    }
    this.programs = operator === '+=' ? [...this.programs, ...commands] : commands;
    this.isFinal = operator === ':=';
  }
}

function both(a: Applies, b: Applies): Applies {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'unknown' ? a : b;
}

function appliesTo({ tokens }: UdevLine, event: Event): Applies {
  return tokens.reduce<Applies>((all, token) => both(all, holds(token, event)), 'yes');
}

function holds({ key, operator, value }: UdevToken, event: Event): Applies {
  // The result of a program or an import decides too.
  if (operator !== '==' && operator !== '!=') return key === 'PROGRAM' || key === 'IMPORT' ? 'unknown' : 'yes';
  if (!Object.hasOwn(event, key)) return 'unknown';
  const matches = value.split('|').some((pattern) => matchesName(pattern, event[key] ?? ''));
  return matches === (operator === '==') ? 'yes' : 'no';
}

function isRemoval(tokens: readonly UdevToken[]): boolean {
  return tokens.some(({ key, operator, value }) => key === 'ACTION' && operator === '==' && /^(remove|unbind)$/.test(value));
}

/** `SYSCTL{key}="value"`, or `ATTR{parameters/hashsize}="value"`. udev assigns them before it runs commands. */
function assignment({ key, attribute, operator, value }: UdevToken, at: BootLine, module: string): readonly CommandAt[] {
  if (operator === '==' || operator === '!=') return [];
  const text = substituted(value, module);
  const given = text === undefined ? {} : { value: text };
  const name = substituted(attribute, module);
  if (key === 'SYSCTL' && name !== undefined) return [{ at, command: { kind: 'assign', path: systemdPath(name), ...given } }];
  const isHashsize = key === 'ATTR' && name === 'parameters/hashsize';
  return isHashsize ? [{ at, command: { kind: 'assign', path: BUCKETS_PATH, ...given } }] : [];
}

/** udev runs a program by its absolute path, without a shell. */
function commandsOf({ attribute, value }: UdevToken, at: BootLine, found: BootFilesFound, module: string): readonly CommandAt[] {
  const text = (substituted(value, module) ?? value).trim();
  if (attribute === 'builtin' || !text.startsWith('/')) return [];
  const isShell = /^\S*\/(ba|da|k|z|a)?sh\s+-\w*c\s/.test(text);
  const commands = isShell ? shellCommands(text) : shellCommands(text.replace(/[;&|<>]/g, ' ')).slice(0, 1);
  return commands.flatMap((command) => runCommand(command, at, found));
}

/** The name of the device in place of `%k` and `$kernel`. Undefined if there is another variable. */
function substituted(text: string, module: string): string | undefined {
  const parts = text.split(/(%%|\$\$|%k|\$kernel)/);
  if (parts.some((part, index) => index % 2 === 0 && /[%$]/.test(part))) return undefined;
  return parts.map((part, index) => (index % 2 === 0 ? part : part.length === 2 && part !== '%k' ? (part[0] ?? '') : module)).join('');
}
