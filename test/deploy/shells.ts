/**
 * Checks the manual pages with man(1), and the completion in zsh and fish: `npm run test:deploy`. Needs the Debian packages man-db, groff, zsh and fish.
 * Bash is tested by test/unit/cli.
 */
import { spawnSync } from 'node:child_process';
import { deepStrictEqual as equal } from 'node:assert';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../../src/cli/command-line.ts';
import { completion } from '../../src/cli/completion/completion.ts';

const PAGES = join(import.meta.dirname, '../../deploy/debian');
const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-shells-'));
process.once('exit', () => {
  rmSync(directory, { recursive: true });
});

/** Standard output. Fails if the program fails or prints an error. */
function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' },
  });
  equal({ program, args, status, stderr, error }, { program, args, status: 0, stderr: '', error: undefined });
  return stdout;
}

function words(command: ReturnType<typeof commandLine>, path: readonly string[]): readonly (readonly string[])[] {
  return command.commands.flatMap((each) => {
    const own = [...path, each.name()];
    return each.commands.length > 0 ? words(each, own) : [own];
  });
}

function checkPages(): void {
  const expected = [['conntrack-api'], ...words(commandLine(), ['conntrack-api'])].map((path) => `${path.join('-')}.8`);
  equal(globSync('*.8', { cwd: PAGES }).toSorted(), expected.toSorted());
  for (const page of expected) {
    const text = run('man', '--warnings', '-E', 'UTF-8', '-l', join(PAGES, page));
    for (const part of ['NAME', 'SYNOPSIS', 'DESCRIPTION']) equal({ page, part: text.includes(part) }, { page, part: true });
  }
  console.log(`${String(expected.length)} manual pages without a warning`);
}

const CASES: readonly (readonly [line: readonly string[], expected: readonly string[]])[] = [
  [['to'], ['token']],
  [
    ['token', 'r'],
    ['rotate', 'revoke'],
  ],
  [['token', 'create', '--lo'], ['--long-lived']],
  [['serve', '--log-level', 'wa'], ['warn']],
  [['--log-level=wa'], ['warn']],
  [['completion', 'f'], ['fish']],
  [['journal', 'verify', '--file', '/etc/hostn'], ['/etc/hostname']],
];

function checkFish(): void {
  const script = join(directory, 'conntrack-api.fish');
  writeFileSync(script, completion(commandLine(), 'fish'));
  for (const [line, expected] of CASES) {
    const printed = run('fish', '--no-config', '-c', `source ${script}; complete -C "conntrack-api ${line.join(' ')}"`);
    const offered = printed
      .split('\n')
      .filter(Boolean)
      .map((each) => each.replace(/\t.*/, '').replace(/^--[\w-]+=/, ''));
    equal({ line, offered: offered.toSorted() }, { line, offered: expected.toSorted() });
  }
  console.log(`${String(CASES.length)} completions in fish`);
}

/** In a real zsh, with the functions that its completion calls replaced by ones that print what matches. */
function checkZsh(): void {
  const script = join(directory, '_conntrack-api');
  writeFileSync(script, completion(commandLine(), 'zsh'));
  const stubs = `
    offer() { local each; for each; do [[ $each == $PREFIX* ]] && print -r -- $each; done }
    compadd() { shift; offer "$@" }
    compset() { PREFIX=\${PREFIX#*=} }
    _files() { offer $PREFIX*(N) }
    _message() { : }
    _describe() { offer "\${(@)\${(@P)2}%%:*}" }
    compdef() { : }
    source ${script}
    words=(conntrack-api "$@"); CURRENT=$#words; PREFIX=$words[CURRENT]
    _conntrack-api; true`;
  for (const [line, expected] of CASES) {
    const offered = run('zsh', '-f', '-o', 'extendedglob', '-c', stubs, 'zsh', ...line)
      .split('\n')
      .filter(Boolean);
    equal({ line, offered: offered.toSorted() }, { line, offered: expected.toSorted() });
  }
  console.log(`${String(CASES.length)} completions in zsh`);
}

checkPages();
checkFish();
checkZsh();
