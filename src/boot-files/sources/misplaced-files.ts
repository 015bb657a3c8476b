import type { BootDirectory, BootDirectoryKind, MisplacedFile } from '../../domain/boot/boot-input.ts';
import type { RootedTree } from './rooted-tree.ts';

const FILE_BYTES_MAX = 65_536;
const FILES_MAX = 200;

/** Directories that people take for those of the boot. */
const SIMILAR: readonly (readonly [BootDirectoryKind, string])[] = [
  ['sysctl.d', '/etc/sysctl'],
  ['sysctl.d', '/etc/sysctl.conf.d'],
  ['sysctl.d', '/etc/sysctld'],
  ['sysctl.d', '/usr/local/etc/sysctl.d'],
  ['sysctl.d', '/usr/share/sysctl.d'],
  ['modprobe.d', '/etc/modprobe'],
  ['modprobe.d', '/etc/modprobe.conf.d'],
  ['modules-load.d', '/etc/modules-load'],
  ['modules-load.d', '/etc/module-load.d'],
  ['modules-load.d', '/etc/modules-load.conf.d'],
  ['rules.d', '/etc/udev'],
  ['rules.d', '/etc/udev.d'],
];

/** Files about connection tracking in such directories, and in directories below those that the boot reads. */
export async function readMisplaced(tree: RootedTree, directories: readonly BootDirectory[]): Promise<readonly MisplacedFile[]> {
  const below = directories.flatMap(({ kind, files }) =>
    files.filter(({ content }) => content.kind === 'irregular' && !content.isCircle).map(({ path }) => [kind, path] as const),
  );
  const found = await Promise.all([...SIMILAR, ...below].map(([kind, path]) => readDirectory(tree, kind, path)));
  return found.flat();
}

async function readDirectory(tree: RootedTree, kind: BootDirectoryKind, path: string): Promise<readonly MisplacedFile[]> {
  const names = await tree.list(path);
  if (names === undefined || 'errno' in names) return [];
  const files = await Promise.all(names.slice(0, FILES_MAX).map((name) => tree.read(`${path}/${name}`, FILE_BYTES_MAX)));
  return files.flatMap((file) => (file?.content.kind === 'text' && /conntrack/i.test(file.content.text) ? [{ kind, file }] : []));
}
