import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { putAll, type Tree } from './arbitrary-tree.ts';
import { OWN_SETTINGS } from './arbitrary-writers.ts';
import type { Kit } from './kit.ts';

/** What a program of systemd does with a tree at boot. */
export interface WriterRun {
  readonly root: string;
  readonly output: string;
  /** The values of `OWN_SETTINGS`, by name. */
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
}

/** `udevadm test` sets sysctls, reports what it would write to sysfs, and lists the commands that it would run. */
const COMMANDS = {
  'systemd-tmpfiles': '/bin/systemd-tmpfiles --create --boot',
  udevadm: '/bin/udevadm test --action add /sys/module/nf_conntrack',
} as const;

/** In a network namespace, whose settings are restored after each tree. sysfs cannot be written to. */
const SCRIPT = `
export SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_COLOR=0 SYSTEMD_LOG_LOCATION=0 SYSTEMD_LOG_TIME=0
command=$1 names=$2; shift 2
mount -t proc proc /proc || exit 1
cd /proc/sys/net/netfilter && before=$(grep . $names)
for root in "$@"; do
  echo "$before" >"$root/before"
  mount --bind /proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" || exit 1
  chroot "$root" $command >"$root/output" 2>&1 </dev/null
  grep . $names >"$root/after"
  umount "$root/proc" "$root/sys"
  if [ "$(cat "$root/after")" != "$before" ]; then
    echo "$before" | while IFS=: read -r name value; do echo "$value" >"$name"; done 2>/dev/null
  fi
done`;

export async function runWriter<Result>(
  kit: Kit,
  program: keyof typeof COMMANDS,
  trees: readonly Tree[],
  judge: (run: WriterRun, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const roots = trees.map((_, index) => join(kit.directory, `writers-${index}`));
  try {
    for (const [index, root] of roots.entries()) {
      for (const directory of ['proc', 'sys', 'run']) await mkdir(join(root, directory), { recursive: true });
      await kit.addTo(root);
      await putAll(root, trees[index] ?? {});
    }
    const names = OWN_SETTINGS.map((name) => `nf_conntrack_${name}`).join(' ');
    const enclosed = ['--mount', '--net', '--pid', '--fork', 'sh', '-c', SCRIPT, 'sh', COMMANDS[program], names, ...roots];
    await promisify(execFile)('unshare', enclosed);
    return await Promise.all(roots.map(async (root, index) => judge(await resultAt(root), index)));
  } finally {
    await Promise.all(roots.map((root) => rm(root, { recursive: true, force: true })));
  }
}

async function resultAt(root: string): Promise<WriterRun> {
  const [output = '', before = '', after = ''] = await Promise.all(
    ['output', 'before', 'after'].map((name) => readFile(join(root, name), 'latin1')),
  );
  return { root, output, before: valuesIn(before), after: valuesIn(after) };
}

function valuesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/^nf_conntrack_(\w+):(-?\d+)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
