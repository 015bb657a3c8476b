/** Runs all steps inside the namespaces that container.ts creates. Argument: the directory of this run. */
import { script } from '../reboot/support/execute.ts';
import { Podman } from './support/podman.ts';
import { STEPS } from './steps.ts';

/** crun requires cgroup v1 or v2; some hosts mount both. Unmounts v2 inside this mount namespace only. */
const UNMOUNT_CGROUP_V2 = `
grep -q ' cgroup ' /proc/mounts || exit 0
awk '$3 == "cgroup2" { print $2 }' /proc/mounts | xargs -r umount`;

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('walk.ts: expected the directory of this run as its argument (npm run test:container).');
const started = Date.now();
await script(UNMOUNT_CGROUP_V2);
const context = { directory, runc: new Podman(directory, 'runc'), crun: new Podman(directory, 'crun') };
for (const [name, step] of Object.entries(STEPS)) {
  const measured = await step(context);
  const seconds = ((Date.now() - started) / 1_000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${name}${measured === undefined ? '' : ` (${measured})`}\n`);
}
