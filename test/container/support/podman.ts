import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, type ExecuteOptions } from '../../reboot/support/execute.ts';

export type Runtime = 'runc' | 'crun';

/** Process limit of a container; Podman's default exceeds what some hosts allow. */
const PROCESSES = 4_096;

/** Podman with images, containers and volumes in the directory of this run. */
export class Podman {
  private readonly options: readonly string[];

  constructor(directory: string, runtime: Runtime) {
    process.env['CONTAINERS_CONF'] = configuration(directory);
    this.options = [
      ...['--root', join(directory, 'storage'), '--runroot', join(directory, 'run'), '--tmpdir', join(directory, 'libpod')],
      ...['--runtime', runtime, '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'],
    ];
  }

  /** @returns standard output. @throws Error with the output if the command fails */
  run(...args: readonly string[]): Promise<string> {
    return this.runWithin({}, ...args);
  }

  runWithin(options: ExecuteOptions, ...args: readonly string[]): Promise<string> {
    return execute('podman', [...this.options, ...args], options);
  }
}

/** Sets limits that this process can grant: without CAP_SYS_RESOURCE, a process cannot raise its own limits. */
function configuration(directory: string): string {
  const files = /^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024';
  const path = join(directory, 'containers.conf');
  writeFileSync(path, `[containers]\ndefault_ulimits = ["nofile=${files}:${files}", "nproc=${PROCESSES}:${PROCESSES}"]\n`);
  return path;
}
