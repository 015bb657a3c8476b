import type { Command } from 'commander';
import { bashCompletion } from './bash.ts';
import { commandWords } from './command-words.ts';
import { fishCompletion } from './fish.ts';
import type { Shell } from './shells.ts';
import { zshCompletion } from './zsh.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<Shell, unknown>;

/** The script with which the shell completes the commands of this program. */
export function completion(program: Command, shell: Shell): string {
  return SCRIPTS[shell](commandWords(program));
}
