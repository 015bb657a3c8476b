/**
 * Creates the base image of a machine: a release of Debian with systemd, the two units of this test, and one of Debian's kernels.
 *
 *     node make-base-image.ts DIRECTORY FLAVOUR
 *
 * Runs in a separate mount namespace, so that its mounts are removed when it ends in any way.
 */
import { mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute, script } from './execute.ts';
import { debianArchive, flavourNamed, type Flavour } from './flavours.ts';
import { GUEST, PACKAGES, UNITS } from './image-contents.ts';
import { makeInitrd } from './initrd.ts';

const DISK_SIZE = '2G';
const BOOTSTRAP_SECONDS = 600;

/** Run by mmdebstrap with the new root as its argument: unpacks the newest kernel of the suite without the initramfs that its installation creates. */
const UNPACK_KERNEL = `
name=$(chroot "$1" apt-get -s -q -t "$SUITE" install linux-image-cloud-amd64 | sed -n 's/^Inst \\(linux-image-[0-9][^ ]*\\).*/\\1/p' | head -n 1)
mkdir "$1/kernel" && chmod 777 "$1/kernel"
chroot "$1" sh -c 'cd /kernel && apt-get download -q "$0"/"$1"' "$name" "$SUITE"
dpkg-deb -x "$1"/kernel/*.deb "$1/kernel/tree"
mkdir -p "$1/usr/lib/modules"
mv "$1"/kernel/tree/lib/modules/* "$1"/kernel/tree/usr/lib/modules/* "$1/usr/lib/modules/" 2>/dev/null || true
mv "$1"/kernel/tree/boot/* "$1/boot/"
rm -r "$1/kernel"
`;

const [directory = '', name = ''] = process.argv.slice(2);
const root = join(directory, 'root');
await mkdir(root);
// In memory, because dpkg syncs every file, which takes minutes on a busy disk.
await execute('mount', ['-t', 'tmpfs', '-o', 'mode=0755,size=3G', 'root', root]);
await bootstrap(flavourNamed(name));
const [kernelRelease = ''] = await readdir(join(root, 'usr', 'lib', 'modules'));
await execute('depmod', ['-b', root, kernelRelease]);
await makeInitrd(root, kernelRelease, join(GUEST, 'init'), join(root, 'boot', `initrd.img-${kernelRelease}`));
await furnish();
await script(
  'mke2fs -q -t ext4 -d "$1/root" "$1/disk" "$2"; cp "$1/root/boot/vmlinuz-$3" "$1/vmlinuz"; cp "$1/root/boot/initrd.img-$3" "$1/initrd"',
  [directory, DISK_SIZE, kernelRelease],
);
await writeFile(join(directory, 'release'), kernelRelease);
await execute('umount', [root]);
await rmdir(root);

async function bootstrap({ release, kernelSuite }: Flavour): Promise<void> {
  const archive = await debianArchive();
  const sources = [...new Set([release, kernelSuite])].map((suite) => `deb ${archive} ${suite} main`);
  const hook = `--customize-hook=SUITE=${kernelSuite}; ${UNPACK_KERNEL}`;
  const args = ['--mode=root', '--variant=apt', `--include=${PACKAGES.join()}`, hook, release, root, '-'];
  await execute('mmdebstrap', args, { timeoutSeconds: BOOTSTRAP_SECONDS, input: sources.map((line) => `${line}\n`).join('') });
}

/** Adds the units of this test and the mount of the product disk. */
async function furnish(): Promise<void> {
  await writeFile(join(root, 'etc', 'fstab'), 'LABEL=product /opt/product ext4 ro 0 0\n');
  await writeFile(join(root, 'etc', 'hostname'), 'reboot-test\n');
  await mkdir(join(root, 'opt', 'product'), { recursive: true });
  for (const unit of UNITS) {
    await script('cp "$2/$3" "$1/etc/systemd/system/$3"; ln -s "../$3" "$1/etc/systemd/system/multi-user.target.wants/$3"', [
      root,
      GUEST,
      unit,
    ]);
  }
}
