import { execFileSync } from 'node:child_process';
import { globSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ELF_MAGIC = '\x7fELF';
const MACHINE_OFFSET = 18;
/** e_machine of elf(5), by the name of the architecture in npm packages. */
const MACHINES = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);

export interface Program {
  readonly path: string;
  readonly machine: string;
  /** Newest versions of the C and C++ libraries that the file needs, such as `GLIBC_2.34`. */
  readonly needs: readonly string[];
}

/** A package, extracted into an empty directory. */
export interface Extracted {
  readonly root: string;
  /** Files and links. */
  readonly paths: readonly string[];
  readonly programs: readonly Program[];
}

export function extract(file: string, root: string): Extracted {
  mkdirSync(root);
  const command = file.endsWith('.deb') ? 'dpkg-deb --extract "$1" .' : 'rpm2cpio "$1" | cpio -idm --quiet';
  execFileSync('bash', ['-euo', 'pipefail', '-c', command, 'bash', file], { cwd: root });
  const paths = globSync('**', { cwd: root }).filter((path) => !lstatSync(join(root, path)).isDirectory());
  return { root, paths: paths.sort(), programs: paths.flatMap((path) => programAt(root, path)) };
}

function programAt(root: string, path: string): readonly Program[] {
  if (!lstatSync(join(root, path)).isFile()) return [];
  const bytes = readFileSync(join(root, path));
  if (bytes.toString('latin1', 0, ELF_MAGIC.length) !== ELF_MAGIC) return [];
  const machine = bytes.readUInt16LE(MACHINE_OFFSET);
  const text = bytes.toString('latin1');
  const needs = ['GLIBC', 'GLIBCXX'].flatMap((library) => newest(library, text));
  return [{ path, machine: MACHINES.get(machine) ?? `e_machine ${machine}`, needs }];
}

function newest(library: string, text: string): readonly string[] {
  const versions = [...text.matchAll(new RegExp(`\\0${library}_(\\d+(?:\\.\\d+)+)(?=\\0)`, 'g'))].map(([, version]) => version ?? '');
  const last = versions.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1);
  return last === undefined ? [] : [`${library}_${last}`];
}
