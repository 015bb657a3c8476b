import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../kernel/support/run.ts';
import { PORT } from '../support/service.ts';
import { Cgroup, type Controller } from './cgroup.ts';

/** A limit in force. */
export interface Imposed {
  /** A program, with its arguments, that executes the service. */
  readonly wrapper?: readonly string[];
  /** Takes effect once the service runs. */
  readonly begin?: (pid: number) => Promise<void>;
  /** Whether a part takes effect before and stays: what fails before `begin` may fail again after `lift`. */
  readonly isAlwaysLimited?: boolean;
  /** While the service runs. */
  readonly lift: (pid: number) => Promise<void>;
  /** After the service has ended. */
  readonly remove?: () => Promise<void>;
}

export interface Limit {
  readonly name: string;
  /** Whether connections of a burst may be closed without a response. */
  readonly closesConnections?: boolean;
  /** Whether the service can only be used again after a restart: of a file system that has failed. */
  readonly needsRestart?: boolean;
  readonly impose: (dataDir: string) => Promise<Imposed>;
}

const MIB = 1_024 * 1_024;

function cgroup(name: string, controller: Controller, limit: number): Limit {
  return {
    name,
    impose: async () => {
      const group = await Cgroup.create(controller, limit);
      return { wrapper: group.wrapper, lift: () => group.lift(), remove: () => group.remove() };
    },
  };
}

/** Idle connections use up the descriptors that are left. With 64, not all threads can start; with 96, they can. */
const descriptors = (limit: number, connections: number): Limit => ({
  name: `${limit} file descriptors, ${connections} idle connections`,
  closesConnections: true,
  impose: () => {
    const held: Socket[] = [];
    return Promise.resolve({
      wrapper: ['sh', '-c', `ulimit -n ${limit} && exec "$@"`, 'sh'],
      isAlwaysLimited: limit < 96,
      begin: async () => {
        for (let count = 0; count < connections; count += 1) held.push(connect(PORT, '127.0.0.1').on('error', () => undefined));
        await sleep(500);
      },
      lift: async () => {
        for (const socket of held) socket.destroy();
        await sleep(200);
      },
    });
  },
});

/** @throws Error with its standard error if it fails */
async function execute(program: string, args: readonly string[]): Promise<void> {
  await run(program, args);
}

/** Fills the file system of a directory. */
function fill(directory: string): Promise<void> {
  return execute('sh', ['-c', 'dd if=/dev/zero of="$1/filler" bs=4k 2>/dev/null; :', 'sh', directory]);
}

const fullData: Limit = {
  name: 'full disk, data directory',
  impose: (dataDir) =>
    Promise.resolve({
      begin: async () => {
        await run('mount', ['-o', 'remount,size=16m', dataDir]);
        await fill(dataDir);
      },
      lift: () => execute('rm', [join(dataDir, 'filler')]),
    }),
};

const BOOT_DIRECTORY = '/etc/sysctl.d';

/** A small file system over the directory of the boot files. */
async function mountOverBootFiles(): Promise<() => Promise<void>> {
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0755,size=64k', 'limits-boot', BOOT_DIRECTORY]);
  return () => execute('umount', [BOOT_DIRECTORY]);
}

const fullBootFiles: Limit = {
  name: 'full disk, boot files',
  impose: async () => {
    const remove = await mountOverBootFiles();
    return {
      begin: () => fill(BOOT_DIRECTORY),
      lift: () => execute('rm', [join(BOOT_DIRECTORY, 'filler')]),
      remove,
    };
  },
};

const readOnlyBootFiles: Limit = {
  name: 'read-only disk, boot files',
  impose: async () => {
    const remove = await mountOverBootFiles();
    return {
      begin: () => execute('mount', ['-o', 'remount,ro', BOOT_DIRECTORY]),
      lift: () => execute('mount', ['-o', 'remount,rw', BOOT_DIRECTORY]),
      remove,
    };
  },
};

/** As a disk that fails: the kernel makes the file system read-only under the open files. Linux allows no way back without closing them. */
const readOnlyData: Limit = {
  name: 'read-only disk, data directory',
  needsRestart: true,
  impose: async (dataDir) => {
    const image = `${dataDir}.img`;
    const kept = `${dataDir}.kept`;
    await run('sh', ['-c', 'truncate -s 32M "$1" && mkfs.ext4 -q "$1" && mkdir -p "$2" && cp -a "$3/." "$2"', 'sh', image, kept, dataDir]);
    await run('mount', ['-o', 'loop', image, dataDir]);
    await run('sh', ['-c', 'cp -a "$1/." "$2" && chmod 700 "$2" && sync -f "$2"', 'sh', kept, dataDir]);
    return {
      begin: () => execute('mount', ['-o', 'remount,abort', dataDir]),
      lift: async () => {
        await run('umount', [dataDir]);
        await run('mount', ['-o', 'loop', image, dataDir]);
      },
      remove: () => execute('umount', [dataDir]),
    };
  },
};

const LOCK = `
  const SqliteDatabase = require(process.argv[1]);
  const database = new SqliteDatabase(process.argv[2]);
  database.exec('BEGIN EXCLUSIVE');
  console.log('locked');
  process.stdin.resume().on('end', () => database.close());`;

/** Another process, such as a backup, holds the database. */
const locked: Limit = {
  name: 'locked database',
  impose: (dataDir) => {
    const library = join(import.meta.dirname, '../../../node_modules/better-sqlite3');
    let holder: ReturnType<typeof spawn> | undefined;
    return Promise.resolve({
      begin: async () => {
        holder = spawn(process.execPath, ['-e', LOCK, library, join(dataDir, 'conntrack-api.sqlite3')], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        await Promise.race([
          once(holder.stdout ?? holder, 'data'),
          once(holder, 'exit').then(() => Promise.reject(new Error('The database could not be locked.'))),
        ]);
      },
      lift: async () => {
        if (!holder) return;
        const ended = once(holder, 'exit');
        holder.stdin?.end();
        holder = undefined;
        await ended;
      },
    });
  },
};

export const LIMITS: readonly Limit[] = [
  cgroup('16 processes and threads', 'pids', 16),
  cgroup('128 MB of memory', 'memory', 128 * MIB),
  cgroup('256 MB of memory', 'memory', 256 * MIB),
  descriptors(64, 16),
  descriptors(64, 100),
  descriptors(96, 100),
  fullData,
  fullBootFiles,
  readOnlyBootFiles,
  readOnlyData,
  locked,
];
