import type { BootService, BootServices } from '../../domain/boot/boot-input.ts';
import { readUnitFiles, UNIT_PARENTS } from './enabled-units.ts';
import type { RootedTree } from './rooted-tree.ts';

/** Without /run: what `systemctl mask --runtime` writes there is gone at the next boot. */
const PARENTS = UNIT_PARENTS.filter((parent) => !parent.startsWith('/run/'));
const TARGET = 'sysinit.target';

/** The services of systemd that load modules and set sysctls; undefined on a host without the units of systemd. */
export async function readBootServices(tree: RootedTree): Promise<BootServices | undefined> {
  const targets = await Promise.all(PARENTS.map((parent) => tree.stats(`${parent}/${TARGET}`)));
  if (targets.every((target) => target === undefined)) return undefined;
  return {
    modulesLoad: await readService(tree, 'systemd-modules-load.service'),
    sysctl: await readService(tree, 'systemd-sysctl.service'),
  };
}

async function readService(tree: RootedTree, name: string): Promise<BootService> {
  return { name, files: (await readUnitFiles(tree, name, PARENTS)) ?? [], isWanted: await isWanted(tree, name) };
}

/** Whether a unit has a link to it in its `.wants` or `.requires`. A link to /dev/null there removes the one of a lower directory. */
async function isWanted(tree: RootedTree, name: string): Promise<boolean> {
  const removed = new Set<string>();
  for (const parent of PARENTS) {
    const found = await tree.list(parent);
    const names = found === undefined || 'errno' in found ? [] : found.filter((each) => /\.(wants|requires)$/.test(each));
    for (const directory of names) {
      const link = await tree.read(`${parent}/${directory}/${name}`, 65_536);
      if (link?.content.kind === 'null-device') removed.add(directory);
      else if (link !== undefined && !removed.has(directory)) return true;
    }
  }
  return false;
}
