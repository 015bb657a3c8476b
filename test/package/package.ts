/**
 * Installs the Debian package in a virtual machine, uses the service, upgrades, reboots and purges it.
 *
 *     node test/package/package.ts DEB
 */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { baseImage } from '../reboot/support/base-image.ts';
import { script } from '../reboot/support/execute.ts';
import { FLAVOURS } from '../reboot/support/flavours.ts';
import { GUEST } from '../reboot/support/image-contents.ts';
import { Machine } from '../reboot/support/machine.ts';
import { requireTools } from '../reboot/support/tools.ts';
import { scratchDirectory } from '../reliability/support/scratch.ts';
import { withVersion } from './newer.ts';
import { NEWER_VERSION, STEPS } from './steps.ts';

const [deb] = process.argv.slice(2);
if (deb === undefined) throw new Error('Expected the path of a package as the argument (npm run package).');
const started = Date.now();
await requireTools();
const directory = scratchDirectory('package');
const image = await baseImage(FLAVOURS[0]);
const machine = await Machine.start({ image, directory, product: await packageDisk(deb), backing: { path: image.disk, format: 'raw' } });
log('the machine has booted');
try {
  for (const [name, step] of Object.entries(STEPS)) {
    await step(machine);
    log(name);
  }
} catch (error) {
  const { stdout } = await machine.agent.shell('journalctl -b --no-pager -n 60');
  process.stderr.write(`${stdout}\n${String(error)}\n`);
  process.exitCode = 1;
} finally {
  await machine.kill();
}

function log(what: string): void {
  process.stdout.write(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${what}\n`);
}

/** A disk with the package, the same package with a higher version, and the agent. */
async function packageDisk(path: string): Promise<string> {
  const tree = join(directory, 'product');
  await mkdir(tree);
  await cp(path, join(tree, 'this.deb'));
  withVersion(join(tree, 'this.deb'), NEWER_VERSION);
  await cp(join(GUEST, 'agent.sh'), join(tree, 'agent.sh'));
  const disk = join(directory, 'product.ext4');
  await script('rm -r "$1/newer"; mke2fs -q -t ext4 -L product -O ^has_journal -d "$1" "$2" 256M; rm -r "$1"', [tree, disk]);
  return disk;
}
