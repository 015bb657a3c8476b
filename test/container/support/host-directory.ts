import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A substitute for a directory of the host, so that the test does not write to the host. Empty at first, like one created by kubelet or Docker. */
export async function hostDirectory(directory: string, path: string): Promise<string> {
  const standIn = join(directory, 'host', path);
  await mkdir(standIn, { recursive: true, mode: 0o755 });
  return standIn;
}
