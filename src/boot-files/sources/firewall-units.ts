import type { BootFile, BootUnit } from '../../domain/boot/boot-input.ts';
import type { RootedTree } from './rooted-tree.ts';

const FILE_BYTES_MAX = 65_536;
/** In the order of precedence. */
export const UNIT_PARENTS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((parent) => `${parent}/systemd/system`);
/** Units that load a rule set at boot, and conntrack if a rule needs it. */
const FIREWALLS = ['nftables', 'netfilter-persistent', 'ufw', 'iptables', 'ip6tables', 'shorewall', 'shorewall6', 'ferm', 'firehol'];

/** The firewall units that are enabled. */
export async function readFirewallUnits(tree: RootedTree): Promise<readonly BootUnit[]> {
  const wanted = new Set((await Promise.all(UNIT_PARENTS.map((parent) => wantedIn(tree, parent)))).flat());
  const units: BootUnit[] = [];
  for (const name of FIREWALLS.map((firewall) => `${firewall}.service`).filter((unit) => wanted.has(unit))) {
    const files = await readUnit(tree, name, UNIT_PARENTS);
    if (files?.[0]?.content.kind === 'text') units.push({ name, files });
  }
  return units;
}

/** The unit file with the highest precedence, then its drop-ins in reading order; undefined if there is no unit file. */
export async function readUnit(tree: RootedTree, name: string, parents: readonly string[]): Promise<readonly BootFile[] | undefined> {
  const [unit] = await readEach(
    tree,
    parents.map((parent) => `${parent}/${name}`),
  );
  return unit && [unit, ...(await dropIns(tree, name, parents))];
}

/** Names in the directories of links that `systemctl enable` creates. */
async function wantedIn(tree: RootedTree, parent: string): Promise<readonly string[]> {
  const directories = (await names(tree, parent)).filter((name) => /\.(wants|requires)$/.test(name));
  return (await Promise.all(directories.map((directory) => names(tree, `${parent}/${directory}`)))).flat();
}

async function dropIns(tree: RootedTree, unit: string, parents: readonly string[]): Promise<readonly BootFile[]> {
  const byName = new Map<string, string>();
  for (const parent of parents.toReversed()) {
    const directory = `${parent}/${unit}.d`;
    for (const name of await names(tree, directory)) if (name.endsWith('.conf')) byName.set(name, `${directory}/${name}`);
  }
  const sorted = [...byName].sort(([a], [b]) => (a < b ? -1 : 1));
  return readEach(
    tree,
    sorted.map(([, path]) => path),
  );
}

async function names(tree: RootedTree, directory: string): Promise<readonly string[]> {
  const found = await tree.list(directory);
  return found === undefined || 'errno' in found ? [] : found;
}

async function readEach(tree: RootedTree, paths: readonly string[]): Promise<readonly BootFile[]> {
  return (await Promise.all(paths.map((path) => tree.read(path, FILE_BYTES_MAX)))).filter((file) => file !== undefined);
}
