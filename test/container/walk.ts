/** All of the test, in its enclosure: see container.ts. Its argument is the directory of this run. */
import { script } from '../reboot/support/execute.ts';
import { Podman } from './support/podman.ts';
import { STEPS } from './steps.ts';

/** crun wants the old control groups or the new ones; some machines show both. Seen from in here alone. */
const ONE_KIND_OF_CGROUPS = `
grep -q ' cgroup ' /proc/mounts || exit 0
awk '$3 == "cgroup2" { print $2 }' /proc/mounts | xargs -r umount`;

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('walk.ts: expected the directory of this run as its argument (npm run test:container).');
const started = Date.now();
await script(ONE_KIND_OF_CGROUPS);
const world = { directory, runc: new Podman(directory, 'runc'), crun: new Podman(directory, 'crun') };
for (const [name, step] of Object.entries(STEPS)) {
  const measured = await step(world);
  const seconds = ((Date.now() - started) / 1_000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${name}${measured === undefined ? '' : ` (${measured})`}\n`);
}
