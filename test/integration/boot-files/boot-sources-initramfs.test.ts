import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HostBootSources } from '../../../src/boot-files/sources/host-boot-sources.ts';
import type { BootInitramfs } from '../../../src/domain/boot/boot-input.ts';
import { temporaryRoot } from './temporary-root.ts';

const RELEASE = '6.1.0-37-amd64';
const FILES = {
  'etc/modprobe.d/a.conf': 'options nf_conntrack hashsize=1024\n',
  './usr/lib/modprobe.d/b.conf': 'blacklist x\n',
  'conf/modules': 'nf_conntrack\n',
  'bin/busybox': 'x'.repeat(70_001),
};
const FOUND = [
  { path: '/etc/modprobe.d/a.conf', content: { kind: 'text', text: 'options nf_conntrack hashsize=1024\n' } },
  { path: '/usr/lib/modprobe.d/b.conf', content: { kind: 'text', text: 'blacklist x\n' } },
  { path: '/conf/modules', content: { kind: 'text', text: 'nf_conntrack\n' } },
];

/** In the "newc" format, as `cpio -H newc` writes it. */
function cpio(files: Readonly<Record<string, string>>): Buffer {
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const entry = (name: string, content: string, mode: number): Buffer => {
    const fields = [1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    return Buffer.concat([padded(Buffer.from(`${header}${name}\0`, 'latin1')), padded(Buffer.from(content, 'latin1'))]);
  };
  const entries = Object.entries(files).map(([name, content]) => entry(name, content, 0o100644));
  return Buffer.concat([entry('.', '', 0o40755), ...entries, entry('TRAILER!!!', '', 0)]);
}

async function look(bytes: Buffer, name = `initrd.img-${RELEASE}`): Promise<BootInitramfs | undefined> {
  const root = await temporaryRoot({ '/proc/sys/kernel/osrelease': `${RELEASE}\n` });
  const place = join(root, 'boot', name);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, bytes);
  return (await new HostBootSources(root).read('nf_conntrack')).initramfs;
}

describe('the initramfs', () => {
  it.each([
    ['plain', cpio(FILES)],
    ['gzip', gzipSync(cpio(FILES))],
    ['zstd', zstdCompressSync(cpio(FILES))],
    [
      'microcode first',
      Buffer.concat([cpio({ 'kernel/x86/microcode/a.bin': 'y'.repeat(5000) }), Buffer.alloc(2048), zstdCompressSync(cpio(FILES))]),
    ],
    ['padded inside', gzipSync(Buffer.concat([cpio(FILES), Buffer.alloc(512)]))],
  ])('is read: %s', async (_, bytes) => {
    expect((await look(bytes))?.files).toEqual(FOUND);
  });

  it('is found by its names on other distributions', async () => {
    expect((await look(cpio(FILES), `initramfs-${RELEASE}.img`))?.files).toEqual(FOUND);
    expect(await look(cpio(FILES), 'initrd.img-other')).toBeUndefined();
  });

  it.each([
    ['xz', Buffer.from('fd377a585a000000', 'hex'), 'it is compressed with xz, which this service cannot read'],
    ['in an unknown format', Buffer.from('what is this'), 'its format is unknown'],
    ['truncated', cpio(FILES).subarray(0, 500), 'the cpio archive is truncated'],
    ['truncated and compressed', gzipSync(cpio(FILES)).subarray(0, 150), 'it cannot be read (Z_BUF_ERROR)'],
    ['compressed twice', gzipSync(gzipSync(cpio(FILES))), 'its content is not a cpio archive'],
  ])('that is %s is not read, and the reason is reported', async (_, bytes, notSeen) => {
    const found = await look(bytes);
    expect(found).toMatchObject({ path: `/boot/initrd.img-${RELEASE}`, notSeen });
    expect(found).not.toHaveProperty('files');
  });
});
