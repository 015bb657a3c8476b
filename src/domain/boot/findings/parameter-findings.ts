import { overrideLine, type BootRun } from '../boot-run.ts';
import type { BootLine } from '../boot-line.ts';
import type { SettingName } from '../../setting.ts';
import { intendedSetting, workingLine } from '../parse/intended-setting.ts';
import { kernelArguments, type ArgumentSource, type KernelArgument } from '../parse/kernel-arguments.ts';
import { describe } from '../ledger.ts';
import { isParameter } from '../parse/module-parameters.ts';

/** What the module is called in a finding, and where a parameter is written. */
interface Target {
  readonly module: string;
  readonly isCommandLine: (path: string) => boolean;
}

/** Parameters of connection tracking that its module does not have. */
export function noteParameters(run: BootRun, options: readonly ArgumentSource[]): void {
  const { files, kernel } = run.sources;
  const target = { module: kernel.layout, isCommandLine: (path: string) => path === files.commandLine?.path };
  for (const argument of kernelArguments(options)) {
    if (isKnown(run, argument.name)) continue;
    const { name, line } = instead(run, argument, target);
    report(run, argument.at, {
      name,
      value: argument.value,
      message: `${describe(argument.at)}: ${kernel.layout} has no parameter ${argument.name}, and the kernel ignores it.`,
      remedy: line === undefined ? 'Remove the parameter.' : `Write: ${line}`,
    });
  }
}

/** `options` lines for a name under which the module is not loaded. */
export function noteOtherName(run: BootRun, at: BootLine, subject: string, rest: string): void {
  const { layout } = run.sources.kernel;
  run.findings.add('PARAMETER_UNKNOWN', 'warning', `${describe(at)} has no effect: the module is not loaded as ${subject}.`, {
    settings: ['buckets'],
    lines: [at],
    remedy: `Write: options ${layout} ${rest.trim()}`,
  });
}

function isKnown({ sources: { kernel } }: BootRun, name: string): boolean {
  // Removed in Linux 6.0, together with the setting.
  if (name === 'nf_conntrack_helper') return kernel.live.length === 0 || kernel.live.includes('helper');
  return isParameter(name);
}

function instead(
  { sources: { kernel } }: BootRun,
  { name: parameter, value: text, at }: KernelArgument,
  { module, isCommandLine }: Target,
): { readonly name?: SettingName; readonly line?: string } {
  const bare = parameter.toLowerCase().replace(/^(?:nf|ip)_conntrack_/, '');
  const { name, value } =
    intendedSetting(kernel.layout, kernel.live, `conntrack_${isHashsize(bare) ? 'buckets' : bare}=${text ?? ''}`) ?? {};
  if (name === undefined) return {};
  if (name !== 'buckets') return { name, line: `${workingLine(kernel.layout, name, value)} (in /etc/sysctl.d)` };
  const hashsize = `hashsize=${value ?? 'NUMBER'}`;
  return { name, line: isCommandLine(at.path) ? `${module}.${hashsize}` : `options ${module} ${hashsize}` };
}

function isHashsize(name: string): boolean {
  return /^(hash_?siz[a-z]*|hash|ha[sh]{1,3}i?ze|h?table_?size|hashtable(_?size)?|buckets)$/.test(name);
}

interface Report {
  readonly name: SettingName | undefined;
  readonly value: string | undefined;
  readonly message: string;
  readonly remedy: string;
}

function report(run: BootRun, at: BootLine, { name, value, message, remedy }: Report): void {
  run.findings.add('PARAMETER_UNKNOWN', 'warning', message, { settings: name === undefined ? [] : [name], lines: [at], remedy });
  if (name !== undefined) overrideLine(run, name, at, value, 'unknown-parameter', 'The module has no such parameter.');
}
