import { execFile } from 'node:child_process';
import { cp, link, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { elfModule, type BuiltModule } from './elf-module.ts';

const run = promisify(execFile);
const PROGRAMS = ['/lib/systemd/systemd-sysctl', '/sbin/modprobe', '/sbin/sysctl'];
/** Of systemd, for the files of other writers. */
export const WRITERS = ['/bin/systemd-tmpfiles', '/bin/udevadm'];

/** The programs with everything that they need to run in a chroot, to which each tree has hard links. */
export class Kit {
  readonly directory: string;
  private readonly files: readonly string[];

  private constructor(directory: string, files: readonly string[]) {
    this.directory = directory;
    this.files = files;
  }

  static async make(programs: readonly string[] = PROGRAMS): Promise<Kit> {
    const directory = await mkdtemp(join(await realpath(tmpdir()), 'parsers-'));
    const place = join(directory, 'kit');
    for (const program of programs) {
      await copyInto(place, program, join('/bin', program.slice(program.lastIndexOf('/') + 1)));
      const { stdout } = await run('ldd', [program]);
      for (const [library] of stdout.matchAll(/\/[^ )]+/g)) await copyInto(place, library, library);
    }
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(place, join(entry.parentPath, entry.name)));
    return new Kit(directory, files);
  }

  async addTo(root: string): Promise<void> {
    const directories = new Set(this.files.map((file) => dirname(join(root, file))));
    for (const directory of directories) await mkdir(directory, { recursive: true });
    await Promise.all(this.files.map((file) => link(join(this.directory, 'kit', file), join(root, file))));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function copyInto(root: string, from: string, to: string): Promise<void> {
  await mkdir(dirname(join(root, to)), { recursive: true });
  await cp(await realpath(from), join(root, to));
}

/** The modules of a tree, and the lists that depmod writes about them. */
export async function plantModules(root: string, modules: readonly BuiltModule[]): Promise<void> {
  const directory = join(root, 'lib/modules', release());
  await mkdir(join(directory, 'kernel'), { recursive: true });
  await Promise.all(modules.map((module) => writeFile(join(directory, 'kernel', `${module.name}.ko`), elfModule(module))));
  await mkdir(join(root, 'proc/sys/kernel'), { recursive: true });
  await writeFile(join(root, 'proc/sys/kernel/osrelease'), `${release()}\n`);
  await writeFile(join(directory, 'modules.order'), '');
  await writeFile(join(directory, 'modules.builtin'), 'kernel/net/nf-built-in.ko\n');
  await run('depmod', ['-b', root, release()]);
}
