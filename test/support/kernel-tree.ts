import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const TREES = join(import.meta.dirname, '..', 'fixtures', 'trees');

/** A recorded kernel tree under `test/fixtures/trees`. */
export type KernelTreeName = 'nf_conntrack' | 'ip_conntrack' | 'not-loaded';

/** A private copy of a recorded kernel tree. Paths are those of the host (`/proc/…` or `proc/…`). */
export interface KernelTree {
  readonly root: string;
  remove(): Promise<void>;
  read(path: string): Promise<string>;
  /** Creates the file and its directories if they are missing. */
  write(path: string, text: string): Promise<void>;
}

export async function copyKernelTree(name: KernelTreeName): Promise<KernelTree> {
  const root = await mkdtemp(join(tmpdir(), 'kernel-tree-'));
  await cp(join(TREES, name), root, { recursive: true });
  await removePlaceholders(root);
  return {
    root,
    remove: () => removeTree(root),
    read: (path) => readFile(join(root, path), 'utf8'),
    write: async (path, text) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    },
  };
}

/** `.gitkeep` keeps an empty directory in the repository. A real host has none. */
async function removePlaceholders(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.name === '.gitkeep') await rm(join(entry.parentPath, entry.name));
  }
}

/** Restores directory permissions that a test removed: an unprivileged user could not empty such a directory. */
async function removeTree(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o700);
  }
  await rm(root, { recursive: true, force: true });
}
