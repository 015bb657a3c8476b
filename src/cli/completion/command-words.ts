import type { Command, Option } from 'commander';

/** What can follow an option, or stand for an argument. */
export type Value = { readonly kind: 'words'; readonly words: readonly string[] } | { readonly kind: 'files' | 'other' | 'none' };

export interface OptionWords {
  /** `--port`, `-h` */
  readonly flags: readonly string[];
  readonly description: string;
  readonly value: Value;
}

/** What a shell completes after the words of a command. */
export interface CommandWords {
  /** `token create`; empty: before a command. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionWords[];
  readonly argument: Value;
}

/** Names of values that are paths. */
const PATHS = /[<[](path|file)(\.\.\.)?[>\]]/;

/** Every command of the tree, the root first. */
export function commandWords(program: Command): readonly CommandWords[] {
  const serve = program.commands.find((command) => command.name() === 'serve');
  // Without a command, `serve` runs.
  const root = { ...wordsOf(program, ''), options: [...wordsOf(program, '').options, ...(serve ? optionsOf(serve) : [])] };
  return [root, ...program.commands.flatMap((command) => withSubcommands(command, command.name()))];
}

function withSubcommands(command: Command, path: string): readonly CommandWords[] {
  return [wordsOf(command, path), ...command.commands.flatMap((each) => withSubcommands(each, `${path} ${each.name()}`))];
}

function wordsOf(command: Command, path: string): CommandWords {
  const [argument] = command.registeredArguments;
  return {
    path,
    commands: command.commands.map((each) => ({ name: each.name(), description: each.description() })),
    options: [...optionsOf(command), { flags: ['--help'], description: 'print help', value: { kind: 'none' } }],
    argument: argument ? valueOf(`<${argument.name()}>`, argument.argChoices) : { kind: 'none' },
  };
}

function optionsOf(command: Command): readonly OptionWords[] {
  return command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => ({
      flags: [option.long, option.short].filter((flag) => flag !== undefined),
      description: option.description,
      value: valueOfOption(option),
    }));
}

function valueOfOption(option: Option): Value {
  if (option.flags.includes('[boolean]')) return { kind: 'words', words: ['true', 'false'] };
  return option.required || option.optional ? valueOf(option.flags, option.argChoices) : { kind: 'none' };
}

function valueOf(usage: string, choices: readonly string[] | undefined): Value {
  if (choices) return { kind: 'words', words: choices };
  return { kind: PATHS.test(usage) ? 'files' : 'other' };
}
