import type { BootFile } from '../../../domain/boot/boot-input.ts';
import type { RootedTree } from '../rooted-tree.ts';

const FILE_BYTES_MAX = 65_536;
const PARENTS = ['/etc/tuned/profiles', '/etc/tuned', '/usr/lib/tuned/profiles', '/usr/lib/tuned'];
const PROFILES_MAX = 32;
const MAIN = '/etc/tuned/tuned-main.conf';

/** The files of the active profile: the main configuration, then the profiles, included ones first. */
export async function readTunedProfiles(tree: RootedTree): Promise<readonly BootFile[]> {
  const active = (await tree.text('/etc/tuned/active_profile', FILE_BYTES_MAX))?.trim().split(/\s+/) ?? [];
  const found: BootFile[] = [];
  for (const name of active) await readProfile(tree, name, found, new Set());
  const main = await tree.read(MAIN, FILE_BYTES_MAX);
  return [...(main === undefined ? [] : [main]), ...found];
}

async function readProfile(tree: RootedTree, name: string, found: BootFile[], seen: Set<string>): Promise<void> {
  if (!/^[\w.-]+$/.test(name) || seen.has(name) || seen.size >= PROFILES_MAX) return;
  seen.add(name);
  for (const parent of PARENTS) {
    const file = await tree.read(`${parent}/${name}/tuned.conf`, FILE_BYTES_MAX);
    if (file?.content.kind !== 'text') continue;
    const included =
      /^\s*include\s*=\s*(.+)$/m
        .exec(file.content.text)?.[1]
        ?.trim()
        .split(/[\s,;]+/) ?? [];
    // A name that begins with a dash is optional.
    for (const other of included) await readProfile(tree, other.replace(/^-/, ''), found, seen);
    found.push(file);
    return;
  }
}
