import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, type ExecuteOptions } from '../../reboot/support/execute.ts';

export type Runtime = 'runc' | 'crun';

/** Most processes of a container; Podman's own wish is more than some machines grant. */
const PROCESSES = 4_096;

/** Podman with images, containers and volumes in a directory of this run. */
export class Podman {
  private readonly options: readonly string[];

  constructor(directory: string, runtime: Runtime) {
    process.env['CONTAINERS_CONF'] = configuration(directory);
    this.options = [
      ...['--root', join(directory, 'storage'), '--runroot', join(directory, 'run'), '--tmpdir', join(directory, 'libpod')],
      ...['--runtime', runtime, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'],
    ];
  }

  /** @throws Error with what it said */
  run(...args: readonly string[]): Promise<string> {
    return this.runWithin({}, ...args);
  }

  runWithin(options: ExecuteOptions, ...args: readonly string[]): Promise<string> {
    return execute('podman', [...this.options, ...args], options);
  }
}

/** Limits that this process can give: without CAP_SYS_RESOURCE nobody gives more than he has. */
function configuration(directory: string): string {
  const files = /^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024';
  const path = join(directory, 'containers.conf');
  writeFileSync(path, `[containers]\ndefault_ulimits = ["nofile=${files}:${files}", "nproc=${PROCESSES}:${PROCESSES}"]\n`);
  return path;
}
