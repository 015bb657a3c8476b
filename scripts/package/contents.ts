import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { commandLine } from '../../src/cli/command-line.ts';
import { completion } from '../../src/cli/completion/completion.ts';
import { SHELLS } from '../../src/cli/completion/shells.ts';
import { ARCHITECTURES, type Architecture } from './architecture.ts';
import { CHECKOUT, DEPLOY } from './checkout.ts';
import type { Dependencies } from './dependencies.ts';
import { Tree } from './tree.ts';

const HOME = 'usr/lib/conntrack-api';
const UNITS = ['conntrack-api.service', 'conntrack-api-boot.socket', 'conntrack-api-boot@.service'];
/** Directories that the boot helper writes. The package owns them, because the helper's unit needs them to exist. */
const BOOT_DIRECTORIES = ['etc/sysctl.d', 'etc/modprobe.d', 'etc/modules-load.d'];
const LICENCE_FILE = /(^|\/)licen[cs]e[^/]*$/i;

/** Paths that distributions with .deb and with .rpm packages name differently. */
export interface Layout {
  readonly licences: string;
  readonly licenceOfService: string;
  readonly zshCompletion: string;
}

/** All files of the package. Node is in `bin`, which SELinux policies label as a directory of programs; the units use the link. */
export function contents(architecture: Architecture, { root, packages }: Dependencies, layout: Layout): Tree {
  const tree = new Tree();
  const { npm } = ARCHITECTURES[architecture];
  for (const part of ['dist', 'migrations', 'openapi', 'package.json']) tree.put(join(CHECKOUT, part), `${HOME}/${part}`);
  for (const path of packages.filter((name) => !name.includes('/node-linux-'))) tree.put(join(root, path), `${HOME}/${path}`);
  removeUnused(tree, npm);
  const node = join(root, `node_modules/node-linux-${npm}`);
  tree.put(join(node, 'bin/node'), `${HOME}/bin/node`, 0o755);
  tree.link(`${HOME}/node`, 'bin/node');
  tree.put(join(node, 'LICENSE'), `${layout.licences}/LICENSE.node`);
  tree.put(join(CHECKOUT, 'LICENSE'), `${layout.licences}/${layout.licenceOfService}`);
  addSystemFiles(tree, layout);
  return tree;
}

/** Removes code for other platforms, sources of compiled code, and files for developers only. */
function removeUnused(tree: Tree, npm: string): void {
  tree.remove(HOME, '**/{node_modules/typescript,better-sqlite3/{deps,src},koffi/{vendor,doc},koffi-linux-*/musl_*}');
  tree.remove(HOME, '**/better-sqlite3/prebuilds/*', new RegExp(`/linux-${npm}\\.node$`));
  tree.remove(HOME, '**/*.{map,md,markdown,ts,mts,cts}', LICENCE_FILE);
}

function addSystemFiles(tree: Tree, layout: Layout): void {
  for (const unit of UNITS) tree.put(join(DEPLOY, 'systemd', unit), `usr/lib/systemd/system/${unit}`);
  tree.put(join(DEPLOY, 'systemd/sysusers.conf'), 'usr/lib/sysusers.d/conntrack-api.conf');
  tree.put(join(DEPLOY, 'debian/conntrack-api'), 'usr/bin/conntrack-api', 0o755);
  tree.put(join(DEPLOY, 'debian/conntrack-api.env'), 'etc/conntrack-api/conntrack-api.env');
  for (const page of globSync('*.8', { cwd: join(DEPLOY, 'debian') }))
    tree.write(`usr/share/man/man8/${page}.gz`, gzipSync(readFileSync(join(DEPLOY, 'debian', page)), { level: 9 }));
  const completions = {
    bash: 'usr/share/bash-completion/completions/conntrack-api',
    zsh: layout.zshCompletion,
    fish: 'usr/share/fish/vendor_completions.d/conntrack-api.fish',
  };
  for (const shell of SHELLS) tree.write(completions[shell], completion(commandLine(), shell));
  for (const directory of BOOT_DIRECTORIES) tree.directory(directory);
}
