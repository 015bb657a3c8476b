import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execute, script } from './execute.ts';

/** The modules for the root disk; those that are built into the kernel are omitted. */
const NEEDED = ['virtio_pci', 'virtio_blk', 'ext4'];

/** Creates an initramfs with busybox and the kernel's modules for the disk only: nf_conntrack is loaded after it. */
export async function makeInitrd(root: string, kernel: string, init: string, target: string): Promise<void> {
  const tree = `${target}.tree`;
  for (const name of ['bin', 'modules']) await mkdir(join(tree, name), { recursive: true });
  await script('cp "$(command -v busybox)" "$1/bin/busybox"; cp "$2" "$1/init"; chmod 755 "$1/init"', [tree, init]);
  const order: string[] = [];
  for (const path of await modulesFor(root, kernel)) {
    const name = basename(path).replace(/\.ko.*$/, '.ko');
    if (order.includes(name)) continue;
    order.push(name);
    await script('case "$1" in *.xz) xz -dc "$1" >"$2" ;; *.zst) zstd -qdc "$1" >"$2" ;; *) cp "$1" "$2" ;; esac', [
      path,
      join(tree, 'modules', name),
    ]);
  }
  await writeFile(join(tree, 'modules', 'order'), order.map((name) => `${name}\n`).join(''));
  await script('cd "$1" && find . | cpio --quiet -o -H newc >"$2" && rm -r "$1"', [tree, target]);
}

/** Module files, dependencies first. */
async function modulesFor(root: string, kernel: string): Promise<readonly string[]> {
  const directory = join(root, 'lib', 'modules', kernel);
  const builtIn = await readFile(join(directory, 'modules.builtin'), 'utf8');
  const paths: string[] = [];
  for (const name of NEEDED) {
    if (builtIn.includes(`/${name}.ko`)) continue;
    const lines = await execute('modprobe', ['-d', root, '-S', kernel, '--show-depends', name]);
    paths.push(...lines.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []));
  }
  return paths;
}
