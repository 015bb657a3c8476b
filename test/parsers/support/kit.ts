import { execFile } from 'node:child_process';
import { cp, link, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAMS = ['/lib/systemd/systemd-sysctl', '/sbin/modprobe', '/sbin/sysctl'];

/** The programs with everything that they need to run in a chroot, and one module to load. Trees get hard links to these files. */
export class Kit {
  readonly directory: string;
  private readonly files: readonly string[];

  private constructor(directory: string, files: readonly string[]) {
    this.directory = directory;
    this.files = files;
  }

  static async make(): Promise<Kit> {
    const directory = await mkdtemp(join(await realpath(tmpdir()), 'parsers-'));
    const place = join(directory, 'kit');
    for (const program of PROGRAMS) {
      await copyInto(place, program, join('/bin', program.slice(program.lastIndexOf('/') + 1)));
      const { stdout } = await run('ldd', [program]);
      for (const [library] of stdout.matchAll(/\/[^ )]+/g)) await copyInto(place, library, library);
    }
    await makeModule(place);
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

/** An nf_conntrack.ko that depmod accepts: an ELF header and the table of its section names, without code. */
async function makeModule(root: string): Promise<void> {
  const directory = join(root, 'lib/modules', release());
  await mkdir(join(directory, 'kernel'), { recursive: true });
  const [names, headers] = [Buffer.from('\0.shstrtab\0'), Buffer.alloc(128)];
  const elf = Buffer.alloc(64);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  elf.writeUInt16LE(1, 16); // ET_REL
  elf.writeUInt16LE(62, 18); // x86-64
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(80n, 40); // section headers
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(2, 60);
  elf.writeUInt16LE(1, 62);
  headers.writeUInt32LE(1, 64);
  headers.writeUInt32LE(3, 68); // SHT_STRTAB
  headers.writeBigUInt64LE(64n, 88);
  headers.writeBigUInt64LE(BigInt(names.length), 96);
  const module = Buffer.concat([elf, names, Buffer.alloc(16 - names.length), headers]);
  await writeFile(join(directory, 'kernel/nf_conntrack.ko'), module);
  await writeFile(join(directory, 'modules.order'), '');
  await writeFile(join(directory, 'modules.builtin'), '');
  await run('depmod', ['-b', root, release()]);
}
