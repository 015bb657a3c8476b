import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ARCHITECTURES, ofThisMachine, type Architecture } from './architecture.ts';
import { CHECKOUT, temporaryDirectory } from './checkout.ts';

/** Production dependencies, installed for one architecture. */
export interface Dependencies {
  /** The directory that contains `node_modules`. */
  readonly root: string;
  /** Paths below `root`. */
  readonly packages: readonly string[];
}

/** Those of the checkout for this machine; for another architecture, the same versions are installed into a temporary directory. */
export function dependenciesFor(architecture: Architecture): Dependencies {
  const root = architecture === ofThisMachine() ? CHECKOUT : installFor(architecture);
  const listed = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  const paths = listed.split('\n').map((path) => relative(root, path));
  return { root, packages: paths.filter((path) => path.startsWith('node_modules/')) };
}

function installFor(architecture: Architecture): string {
  const root = temporaryDirectory();
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(CHECKOUT, file), join(root, file));
  const platform = ['--os', 'linux', '--cpu', ARCHITECTURES[architecture].npm];
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', ...platform], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return root;
}
