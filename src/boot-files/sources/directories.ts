import type { BootDirectory, BootDirectoryKind, BootFile } from '../../domain/boot/boot-input.ts';
import type { RootedTree } from './rooted-tree.ts';

const FILE_BYTES_MAX = 1_048_576;
/** A directory with more files than this is not read. */
const FILES_MAX = 2_000;

/** In the order of precedence of systemd, udev and kmod. */
const PARENTS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'];
const BELOW: Readonly<Record<BootDirectoryKind, string>> = {
  'sysctl.d': 'sysctl.d',
  'modprobe.d': 'modprobe.d',
  'modules-load.d': 'modules-load.d',
  'rules.d': 'udev/rules.d',
};

/** The existing directories, each listed once (on most hosts /lib is a link to /usr/lib). */
export async function readDirectories(tree: RootedTree): Promise<readonly BootDirectory[]> {
  const kinds = Object.keys(BELOW) as BootDirectoryKind[];
  return (await Promise.all(kinds.map((kind) => readKind(tree, kind)))).flat();
}

async function readKind(tree: RootedTree, kind: BootDirectoryKind): Promise<readonly BootDirectory[]> {
  const found: BootDirectory[] = [];
  const seen = new Set<string>();
  for (const parent of PARENTS) {
    // If /lib is not a link, kmod reads it and not /usr/lib (as of version 30).
    if (kind === 'modprobe.d' && parent === '/usr/lib' && (await isLibSeparate(tree))) continue;
    const path = `${parent}/${BELOW[kind]}`;
    const place = (await tree.stats(path))?.path ?? path;
    if (seen.has(place)) continue;
    seen.add(place);
    const names = await tree.list(path);
    if (names === undefined) continue;
    if ('errno' in names) found.push({ kind, path, files: [], unreadable: names.errno });
    else if (names.length > FILES_MAX) found.push({ kind, path, files: [], unreadable: `more than ${FILES_MAX} files` });
    else
      found.push({
        kind,
        path,
        files: await readFiles(
          tree,
          kind,
          names.map((name) => `${path}/${name}`),
        ),
      });
  }
  return found;
}

async function isLibSeparate(tree: RootedTree): Promise<boolean> {
  return (await tree.stats('/lib'))?.path === '/lib';
}

async function readFiles(tree: RootedTree, kind: BootDirectoryKind, paths: readonly string[]): Promise<readonly BootFile[]> {
  const files: BootFile[] = [];
  for (const path of paths) {
    const file = await tree.read(path, FILE_BYTES_MAX);
    if (file !== undefined) files.push(kind === 'rules.d' ? withoutIrrelevantRules(file) : file);
  }
  return files;
}

/** Drops the content of rules that set no sysctl and replace no commands of others, which is most of them. Their names still mask other files. */
function withoutIrrelevantRules(file: BootFile): BootFile {
  if (file.content.kind !== 'text' || /sysctl|conntrack|hashsize|RUN(\{\w+\})?\s*:?=/i.test(file.content.text)) return file;
  return { ...file, content: { kind: 'text', text: '' } };
}
