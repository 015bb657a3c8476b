import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemFailure } from '../kernel/system-failure.ts';

const RELEASE = '/proc/sys/kernel/osrelease';

/**
 * Checks that another host is mounted at the root and that its /proc can be read, and keeps the mount in use until this process ends: in an
 * empty mount point, conntrack would look as if it were not loaded.
 *
 * @throws Error with the mount option that is missing
 */
export function requireMountedHost(root: string): void {
  let release: string;
  try {
    openSync(root, 'r');
    release = readFileSync(join(root, RELEASE), 'utf8');
  } catch (error) {
    throw new Error(
      `--root-is-host: no host is mounted at ${root} (${RELEASE}: ${systemFailure(error).message}). Mount it first: ${MOUNT} ${root}`,
      {
        cause: error,
      },
    );
  }
  if (release.trim() !== '') return;
  throw new Error(
    `--root-is-host: the files in ${join(root, '/proc')} look empty, because the kernel gives them no size. Mount with: ${MOUNT} ${root}`,
  );
}

const MOUNT = 'sshfs -o direct_io,sshfs_sync,dir_cache=no,ServerAliveInterval=5,ServerAliveCountMax=2 root@HOST:/';
