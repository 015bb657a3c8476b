import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Stands in for a directory of the host, whose own is not to be written to: empty at first, as kubelet and Docker make one that is missing. */
export async function hostDirectory(directory: string, path: string): Promise<string> {
  const standIn = join(directory, 'host', path);
  await mkdir(standIn, { recursive: true, mode: 0o755 });
  return standIn;
}
