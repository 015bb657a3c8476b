import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/cli/command-line.ts';
import { completion } from '../../../src/cli/completion/completion.ts';
import { SHELLS } from '../../../src/cli/completion/shells.ts';

const BASH = completion(commandLine(), 'bash');

/** What bash completes behind these words, of which the last is incomplete. */
function complete(...words: readonly string[]): readonly string[] {
  const script = `${BASH}
    COMP_WORDS=(conntrack-api "$@"); COMP_CWORD=$#
    compopt() { :; }
    _conntrack_api && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-uc', script, 'bash', ...words], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout.split('\n').filter(Boolean);
}

function everyWord(command: Command): readonly string[] {
  const own = command.options.flatMap(({ long }) => long ?? []);
  return [...own, ...command.commands.flatMap((each) => [each.name(), ...everyWord(each)])];
}

describe('completion in bash', () => {
  it.each([
    [[''], ['serve', 'demo', 'token', 'journal', 'completion']],
    [['to'], ['token']],
    [
      ['token', ''],
      ['create', 'rotate', 'list', 'revoke'],
    ],
    [['token', 'rotate', '--o'], ['--overlap']],
    [['--data-dir', '/tmp', 'token', 'l'], ['list']],
    [['serve', '--log-level', 'de'], ['debug']],
    [['serve', '--log-level', '=', 'de'], ['debug']],
    [
      ['serve', '--log-format', '='],
      ['auto', 'json', 'text'],
    ],
    [
      ['serve', '--namespaces', ''],
      ['true', 'false'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['serve', '--host', ''], []],
    [['serve', '--tls-key', '/etc/passw'], ['/etc/passwd']],
    [['journal', 'verify', '--file', '/etc/passw'], ['/etc/passwd']],
    [['token', 'create', '--name', 'list', '--lo'], ['--long-lived']],
    [
      ['nonsense', ''],
      ['serve', 'demo', 'token', 'journal', 'completion'],
    ],
  ])('of %j offers %j', (words, expected) => {
    expect(complete(...words).filter((word) => word !== '/etc/passwd-')).toEqual(expected);
  });

  it('offers the options of serve where no command is named', () => {
    expect(complete('--p')).toEqual(['--port']);
    expect(complete('--ver')).toEqual(['--version']);
  });
});

describe('completion', () => {
  it.each(SHELLS)('in %s has every command and option', (shell) => {
    const script = completion(commandLine(), shell);
    const words = everyWord(commandLine()).map((word) => (shell === 'fish' ? word.replace(/^--/, '-l ') : word));
    expect(words.length).toBeGreaterThan(60);
    expect(words.filter((word) => !script.includes(word))).toEqual([]);
  });
});
