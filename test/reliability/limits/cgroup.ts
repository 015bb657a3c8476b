import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';
const FILES = {
  pids: { v1: 'pids.max', v2: 'pids.max' },
  memory: { v1: 'memory.limit_in_bytes', v2: 'memory.max' },
} as const;

export type Controller = keyof typeof FILES;

/** A control group with one limit, of version 1 or 2, whichever this machine has. */
export class Cgroup {
  private readonly directory: string;
  private readonly file: string;
  private readonly unlimited: string;

  private constructor(directory: string, file: string, unlimited: string) {
    this.directory = directory;
    this.file = join(directory, file);
    this.unlimited = unlimited;
  }

  /** @throws Error if this machine has no such controller */
  static async create(controller: Controller, limit: number): Promise<Cgroup> {
    const name = `conntrack-api-limits-${process.hrtime.bigint()}`;
    const { v1, v2 } = FILES[controller];
    const isUnified = await isPresent(join(ROOT, 'cgroup.controllers'));
    const cgroup = isUnified
      ? new Cgroup(join(ROOT, name), v2, 'max')
      : new Cgroup(join(ROOT, controller, name), v1, controller === 'pids' ? 'max' : '-1');
    if (isUnified) await writeFile(join(ROOT, 'cgroup.subtree_control'), `+${controller}`);
    await mkdir(cgroup.directory);
    await writeFile(cgroup.file, String(limit));
    return cgroup;
  }

  /** A program, with its arguments, that joins the group and executes the command that follows. */
  get wrapper(): readonly string[] {
    return ['sh', '-c', 'echo 0 > "$0" && exec "$@"', join(this.directory, 'cgroup.procs')];
  }

  lift(): Promise<void> {
    return writeFile(this.file, this.unlimited);
  }

  /** To be called after its processes have ended. */
  async remove(): Promise<void> {
    while ((await readFile(join(this.directory, 'cgroup.procs'), 'utf8')) !== '') await sleep(50);
    await rmdir(this.directory);
  }
}

function isPresent(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
