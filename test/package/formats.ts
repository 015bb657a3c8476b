/**
 * Inspects the packages of all architectures and formats, and runs the programs in them; installs, upgrades and removes the RPM package.
 *
 *     node test/package/formats.ts DIRECTORY
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageVersionOf } from '../../scripts/package/packaged.ts';
import { scratchDirectory } from '../reliability/support/scratch.ts';
import { extract, type Extracted } from './extracted.ts';
import { METADATA } from './metadata.ts';

const NEWER_VERSION = '99.0.0-rc.1';
const HOME = 'usr/lib/conntrack-api';
const LIBRARIES = ['GLIBC_2.34', 'GLIBCXX_3.4.29'];

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('Expected a directory with packages as the argument (npm run test:package:formats).');
const directory = resolve(given);
const started = Date.now();
const scratch = scratchDirectory('package-formats');
const packages = [
  { file: only('*_amd64.deb'), cpu: 'x64', architecture: 'amd64', format: 'deb' },
  { file: only('*_arm64.deb'), cpu: 'arm64', architecture: 'arm64', format: 'deb' },
  { file: only('*.x86_64.rpm'), cpu: 'x64', architecture: 'x86_64', format: 'rpm' },
  { file: only('*.aarch64.rpm'), cpu: 'arm64', architecture: 'aarch64', format: 'rpm' },
] as const;
const extracted = packages.map(({ file, cpu, architecture, format }) => {
  METADATA[format](file, architecture);
  log(`the ${architecture} .${format} has the expected fields, configuration files and scripts`);
  const content = extract(file, join(scratch, architecture));
  checkPrograms(content, cpu);
  log(`all ${content.programs.length} programs in it are for ${cpu}, and need no newer libraries than it requires`);
  runPrograms(content.root, cpu);
  log('its command line, SQLite and calls into C libraries work');
  return content;
});
const [reference = [], ...others] = extracted.map(({ paths }) => paths.map(commonName).sort());
for (const paths of others) assert.deepEqual(paths, reference);
log(`all packages contain the same ${reference.length} files`);
checkReproducible();
log('another build of the .rpm has the same bytes');
execFileSync('sh', [join(import.meta.dirname, 'install-rpm.sh'), only('*.x86_64.rpm'), newerRpm(), packageVersionOf(NEWER_VERSION)], {
  stdio: 'inherit',
});
log('the .rpm can be installed, upgraded and removed');

function log(what: string): void {
  process.stdout.write(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);
}

function only(pattern: string): string {
  const found = globSync(join(directory, pattern));
  assert.equal(found.length, 1, `expected one file ${pattern} in ${directory}, found ${found.length}`);
  return found[0] ?? '';
}

function checkPrograms({ programs, paths }: Extracted, cpu: string): void {
  const expected = [`koffi-linux-${cpu}/linux_${cpu}/koffi.node`, `better-sqlite3/prebuilds/linux-${cpu}.node`, `${HOME}/bin/node`];
  for (const end of expected)
    assert(
      programs.some(({ path }) => path.endsWith(end)),
      `${end} is missing`,
    );
  assert.equal(programs.length, expected.length);
  for (const { path, machine } of programs) assert.equal(machine, cpu, path);
  // Also none of another operating system.
  assert.equal(paths.filter((path) => path.startsWith(HOME) && /\.(node|so|dll|dylib|exe)$/.test(path)).length, expected.length - 1);
  assert.deepEqual(
    LIBRARIES.map((library) =>
      newestOf(programs.flatMap(({ needs }) => needs).filter((need) => need.startsWith(`${library.split('_')[0] ?? ''}_`))),
    ),
    LIBRARIES,
  );
}

function newestOf(versions: readonly string[]): string | undefined {
  return versions.toSorted(new Intl.Collator('en', { numeric: true }).compare).at(-1);
}

/** Programs for another architecture run in QEMU's user mode, with the libraries of the Debian packages *-arm64-cross. */
function runPrograms(root: string, cpu: string): void {
  const emulator = cpu === process.arch ? [] : ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'];
  const run = (...args: readonly string[]): string => {
    const [command = '', ...rest] = [...emulator, join(root, HOME, 'node'), ...args];
    return execFileSync(command, rest, { encoding: 'utf8', env: {}, stdio: 'pipe' }).trim();
  };
  const main = join(root, HOME, 'dist/main.js');
  const manifest = JSON.parse(readFileSync(join(root, HOME, 'package.json'), 'utf8')) as { readonly version: string };
  assert.equal(run(main, '--version'), manifest.version);
  const data = `${root}-data`;
  mkdirSync(data, { mode: 0o700 });
  run(main, 'token', 'create', '--name', 'formats-test', '--scope', 'table:read', '--data-dir', data);
  assert.match(run(main, 'token', 'list', '--data-dir', data), /formats-test/);
  const call = `require(${JSON.stringify(join(root, HOME, 'node_modules/koffi'))}).load('libc.so.6').func('int abs(int)')(-7)`;
  assert.equal(run('-p', `process.arch + ' ' + ${call}`), `${cpu} 7`);
}

/** The path without the architecture, and as in the .deb. */
function commonName(path: string): string {
  return path
    .replace(/koffi-linux-(x64|arm64)\/linux_\1/, 'koffi-linux-CPU/linux_CPU')
    .replace(/koffi-linux-(x64|arm64)\//, 'koffi-linux-CPU/')
    .replace(/prebuilds\/linux-(x64|arm64)\.node/, 'prebuilds/linux-CPU.node')
    .replace('usr/share/zsh/site-functions/', 'usr/share/zsh/vendor-completions/')
    .replace('usr/share/licenses/conntrack-api/LICENSE.node', 'usr/share/doc/conntrack-api/LICENSE.node')
    .replace('usr/share/licenses/conntrack-api/LICENSE', 'usr/share/doc/conntrack-api/copyright');
}

function checkReproducible(): void {
  const again = buildRpm('again');
  assert(readFileSync(again).equals(readFileSync(only('*.x86_64.rpm'))), 'two builds of the .rpm differ');
}

function newerRpm(): string {
  return buildRpm('newer', '--version', NEWER_VERSION);
}

function buildRpm(name: string, ...options: readonly string[]): string {
  const args = ['scripts/package.ts', '--arch', 'amd64', '--format', 'rpm', '--out', join(scratch, name), ...options];
  return execFileSync(process.execPath, args, { encoding: 'utf8', cwd: join(import.meta.dirname, '../..') }).trim();
}
