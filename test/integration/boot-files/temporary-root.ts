import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory with `files` (latin1 content by host path), removed when the test ends. @param whenFinished of the test, if it is concurrent */
export async function temporaryRoot(
  files: Readonly<Record<string, string>> = {},
  whenFinished: (remove: () => Promise<void>) => unknown = onTestFinished,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'boot-files-'));
  whenFinished(() => rm(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content, 'latin1');
  }
  return root;
}

/** Every file below `root`, including hidden ones, with its bytes. */
export async function filesBelow(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [`/${relative(root, file)}`, await readFile(file, 'latin1')] as const)),
  );
}
