import { createReadStream } from 'node:fs';
import type { BootFile, BootInitramfs } from '../../domain/boot/boot-input.ts';
import { errnoOf } from '../../domain/conntrack-error.ts';
import { readInitramfs, UnreadableArchive } from './cpio-archive.ts';
import type { RootedTree } from './rooted-tree.ts';

const UNPACKED_BYTES_MAX = 1_073_741_824;
const FILE_BYTES_MAX = 1_048_576;
const WANTED = /^((usr\/)?lib|etc|run|usr\/local\/lib)\/(modprobe\.d|modules-load\.d)\/[^/]+$|^conf\/modules$/;

/** Reads the initramfs of the running kernel, which takes about a second, and caches the result until the file is replaced. */
export class InitramfsReader {
  private cached: { readonly key: string; readonly contents: Promise<Pick<BootInitramfs, 'files' | 'notSeen'>> } | undefined;

  async read(tree: RootedTree, release: string): Promise<BootInitramfs | undefined> {
    // The names on Debian, Red Hat and SUSE.
    for (const path of [`/boot/initrd.img-${release}`, `/boot/initramfs-${release}.img`, `/boot/initrd-${release}`]) {
      const found = await tree.stats(path);
      if (found?.stats.isFile() !== true) continue;
      const { ino, size, mtimeMs } = found.stats;
      const key = [found.path, ino, size, mtimeMs].join(' ');
      if (this.cached?.key !== key) this.cached = { key, contents: readWanted(tree.onDisk(found.path)) };
      return { path, modifiedAt: mtimeMs, ...(await this.cached.contents) };
    }
    return undefined;
  }
}

async function readWanted(path: string): Promise<Pick<BootInitramfs, 'files' | 'notSeen'>> {
  const stream = createReadStream(path);
  try {
    const limits = { bytesMax: UNPACKED_BYTES_MAX, fileBytesMax: FILE_BYTES_MAX, wants: (name: string) => WANTED.test(name) };
    const found = await readInitramfs(stream, limits);
    return {
      files: found.map((file): BootFile => ({
        path: `/${file.path}`,
        content: { kind: 'text', text: file.content.toString('latin1') },
      })),
    };
  } catch (error) {
    const isExpected = error instanceof UnreadableArchive || error instanceof RangeError;
    return { notSeen: isExpected ? error.message : `it cannot be read (${errnoOf(error) ?? String(error)})` };
  } finally {
    stream.destroy();
  }
}
