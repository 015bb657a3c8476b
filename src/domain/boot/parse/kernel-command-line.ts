import type { BootLine } from '../boot-line.ts';
import type { BootFilesFound } from '../boot-input.ts';
import { kernelArguments, type ArgumentSource, type KernelArgument } from './kernel-arguments.ts';
import { kmodCommandLine } from './kmod-command-line.ts';
import { underscores } from './modprobe-line.ts';

type CommandLine = BootFilesFound['commandLine'];

/** A `module.parameter` of the kernel command line as kmod passes it to a module. */
export interface CommandLineOption extends ArgumentSource {
  readonly module: string;
}

export function kmodOptions(commandLine: CommandLine): readonly CommandLineOption[] {
  if (commandLine === undefined) return [];
  return kmodCommandLine(commandLine.text).map(({ module, parameter, text }) => ({
    module: underscores(module),
    text: parameter,
    at: { path: commandLine.path, line: 1, text },
  }));
}

export interface BlacklistedModule {
  readonly name: string;
  readonly at: BootLine;
}

/** Modules that `modprobe.blacklist=` names: the same as `blacklist` lines in modprobe.d. */
export function blacklistedOnCommandLine(commandLine: CommandLine): readonly BlacklistedModule[] {
  return kmodOptions(commandLine)
    .filter(({ module, text }) => module === 'modprobe' && text.startsWith('blacklist='))
    .flatMap(({ text, at }) => named(text.slice('blacklist='.length), at));
}

/** Modules that the kernel refuses to load, in every case. The last `module_blacklist=` counts. */
export function refusedByKernel(commandLine: CommandLine): readonly BlacklistedModule[] {
  const last = bootArguments(commandLine).findLast(({ name }) => name === 'module_blacklist');
  return last?.value === undefined ? [] : named(last.value, last.at);
}

function named(list: string, at: BootLine): readonly BlacklistedModule[] {
  return list.split(',').map((name) => ({ name, at }));
}

/** Arguments as the kernel reads them at boot, up to `--`. */
export function bootArguments(commandLine: CommandLine): readonly KernelArgument[] {
  if (commandLine === undefined) return [];
  const whole = { path: commandLine.path, line: 1, text: commandLine.text };
  return kernelArguments([{ text: commandLine.text, at: whole }]).map((argument) => ({
    ...argument,
    at: { ...whole, text: spelled(argument) },
  }));
}

/** Modules that the command line tells systemd-modules-load to load; those with `rd.` are for the initramfs. */
export function modulesToLoad(
  commandLine: CommandLine,
): readonly { readonly name: string; readonly at: BootLine; readonly early: boolean }[] {
  if (commandLine === undefined) return [];
  return commandLineWords(commandLine).flatMap((word) => {
    const [, early, list = ''] = /^(rd\.)?modules[-_]load=([^]*)$/.exec(word) ?? [];
    const at = { path: commandLine.path, line: 1, text: word };
    return list
      .split(',')
      .filter(Boolean)
      .map((name) => ({ name, at, early: early !== undefined }));
  });
}

/** The words that systemd reads, without quotes. */
export function commandLineWords(commandLine: CommandLine): readonly string[] {
  const words = commandLine?.text.match(/(?:[^ \t\n\v\f\r"]|"[^"]*(?:"|$))+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ''));
}

function spelled({ name, value }: KernelArgument): string {
  return value === undefined ? name : `${name}=${value}`;
}
