import { createReadStream } from 'node:fs';
import type { BootFile, BootInitramfs } from '../../domain/boot/boot-input.ts';
import { errnoOf } from '../../domain/conntrack-error.ts';
import { readInitramfs, UnreadableArchive } from './cpio-archive.ts';
import type { RootedTree } from './rooted-tree.ts';

const UNPACKED_BYTES_MAX = 1_073_741_824;
const FILE_BYTES_MAX = 1_048_576;
const WANTED = /^((usr\/)?lib|etc|run|usr\/local\/lib)\/(modprobe\.d|modules-load\.d)\/[^/]+$|^conf\/modules$/;

/** Reads the initramfs of the running kernel, and again only when another file stands there: it takes a second or so. */
export class InitramfsReader {
  private known: { readonly key: string; readonly contents: Promise<Pick<BootInitramfs, 'files' | 'notSeen'>> } | undefined;

  async read(tree: RootedTree, release: string): Promise<BootInitramfs | undefined> {
    // Debian's, Red Hat's and SUSE's names.
    for (const path of [`/boot/initrd.img-${release}`, `/boot/initramfs-${release}.img`, `/boot/initrd-${release}`]) {
      const found = await tree.stats(path);
      if (found?.stats.isFile() !== true) continue;
      const { ino, size, mtimeMs } = found.stats;
      const key = [found.path, ino, size, mtimeMs].join(' ');
      if (this.known?.key !== key) this.known = { key, contents: look(tree.onDisk(found.path)) };
      return { path, modifiedAt: mtimeMs, ...(await this.known.contents) };
    }
    return undefined;
  }
}

async function look(place: string): Promise<Pick<BootInitramfs, 'files' | 'notSeen'>> {
  const stream = createReadStream(place);
  try {
    const limits = { bytesMax: UNPACKED_BYTES_MAX, fileBytesMax: FILE_BYTES_MAX, wants: (path: string) => WANTED.test(path) };
    const found = await readInitramfs(stream, limits);
    return {
      files: found.map(({ path, content }): BootFile => ({
        path: `/${path}`,
        content: { kind: 'text', text: content.toString('latin1') },
      })),
    };
  } catch (error) {
    const isExpected = error instanceof UnreadableArchive || error instanceof RangeError;
    return { notSeen: isExpected ? error.message : `it cannot be read (${errnoOf(error) ?? String(error)})` };
  } finally {
    stream.destroy();
  }
}
