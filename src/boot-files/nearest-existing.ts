import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../domain/conntrack-error.ts';

/** The path itself or its nearest existing ancestor, with links resolved. A link that leads nowhere does not count as existing. */
export async function nearestExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
    return nearestExisting(dirname(path));
  }
}

/** The component of the path that is a link to nothing: no directory can be created there. `undefined` if there is none. */
export async function danglingLink(path: string): Promise<string | undefined> {
  try {
    await realpath(path);
    return undefined;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return undefined;
    const isThere = await lstat(path).catch(() => undefined);
    return isThere ? path : danglingLink(dirname(path));
  }
}

/** How many directories are missing on the way to the path, itself included. */
export async function missingDirectories(path: string): Promise<number> {
  try {
    await realpath(path);
    return 0;
  } catch {
    return 1 + (await missingDirectories(dirname(path)));
  }
}
