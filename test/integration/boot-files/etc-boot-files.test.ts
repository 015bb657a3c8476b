import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EtcBootFiles } from '../../../src/boot-files/etc-boot-files.ts';
import type { FileChange } from '../../../src/domain/change.ts';
import type { Layout } from '../../../src/domain/layout.ts';
import type { PersistOptions } from '../../../src/domain/persist-options.ts';
import { filesBelow, temporaryRoot } from './temporary-root.ts';

const SYSCTL = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const MODPROBE = '/etc/modprobe.d/conntrack-api.conf';
const TABLE = { max: 131072, buckets: 32768 };
const TERMS: PersistOptions = { changeId: 7, builtIn: false, bucketsSysctl: true, last: false };
const FOREIGN = {
  '/etc/sysctl.conf': 'net.netfilter.nf_conntrack_max = 1\n',
  '/etc/sysctl.d/10-local.conf': 'net.netfilter.nf_conntrack_max = 2\n',
  '/etc/modprobe.d/local.conf': 'options nf_conntrack hashsize=3\n',
};

const reversed = (changes: readonly FileChange[]): readonly FileChange[] =>
  changes.toReversed().map(({ path, before, after }) => ({ path, before: after, after: before }));

describe('persisting', () => {
  it('creates the files of this service and changes no other', async () => {
    const root = await temporaryRoot(FOREIGN);
    const bootFiles = new EtcBootFiles(root);
    const changes = await bootFiles.plan('nf_conntrack', TABLE, TERMS);
    expect(await filesBelow(root)).toEqual(FOREIGN);

    await bootFiles.apply(changes);

    expect(await bootFiles.persisted('nf_conntrack')).toEqual(TABLE);
    expect(await filesBelow(root)).toEqual({ ...FOREIGN, ...Object.fromEntries(changes.map(({ path, after }) => [path, after])) });
    expect((await stat(join(root, SYSCTL))).mode & 0o7777).toBe(0o644);
    expect((await stat(join(root, '/etc/modules-load.d'))).mode & 0o7777).toBe(0o755);
  });

  it('plans nothing for values that are already persisted', async () => {
    const bootFiles = new EtcBootFiles(await temporaryRoot());
    await bootFiles.apply(await bootFiles.plan('nf_conntrack', TABLE, TERMS));
    expect(await bootFiles.plan('nf_conntrack', TABLE, TERMS)).toEqual([]);
  });

  it('writes the hashsize after the sysctl file, which keeps it from setting max', async () => {
    const changes = await new EtcBootFiles(await temporaryRoot()).plan('nf_conntrack', TABLE, TERMS);
    const paths = changes.map(({ path }) => path);
    expect(paths.indexOf(MODPROBE)).toBeGreaterThan(paths.indexOf(SYSCTL));
  });

  it('removes the partly written file of a process that was killed', async () => {
    const root = await temporaryRoot({ '/etc/sysctl.d/.99-zz-conntrack-api.conf.0123456789abcdef.tmp': 'half' });
    const bootFiles = new EtcBootFiles(root);
    const changes = await bootFiles.plan('nf_conntrack', TABLE, TERMS);
    await bootFiles.apply(changes);
    expect(Object.keys(await filesBelow(root)).toSorted()).toEqual(changes.map(({ path }) => path).toSorted());
  });

  it('edits the two shared files of the legacy layout in place and keeps their mode', async () => {
    const root = await temporaryRoot({
      '/etc/sysctl.conf': '# caf\xe9\r\nnet.ipv4.ip_conntrack_max=65536\r\nkernel.sysrq = 0',
      '/etc/modprobe.conf': 'alias eth0 e1000\noptions ip_conntrack hashsize=8192\n',
    });
    await chmod(join(root, '/etc/sysctl.conf'), 0o640);
    const bootFiles = new EtcBootFiles(root);
    expect(await bootFiles.persisted('ip_conntrack')).toEqual({ max: 65536, buckets: 8192 });

    await bootFiles.apply(await bootFiles.plan('ip_conntrack', { ...TABLE, udp_timeout: 30 }, TERMS));

    expect(await filesBelow(root)).toEqual({
      '/etc/sysctl.conf':
        '# caf\xe9\r\nnet.ipv4.ip_conntrack_max=131072\r\nkernel.sysrq = 0\r\nnet.ipv4.netfilter.ip_conntrack_udp_timeout = 30',
      '/etc/modprobe.conf': 'alias eth0 e1000\noptions ip_conntrack hashsize=32768\n',
    });
    expect((await stat(join(root, '/etc/sysctl.conf'))).mode & 0o7777).toBe(0o640);
    expect(await bootFiles.persisted('ip_conntrack')).toEqual({ ...TABLE, udp_timeout: 30 });
  });

  it('changes no byte of other writers, and the reversed changes restore every byte, or remove the file', async () => {
    const anyBytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)) });
    const anyFiles = fc.record(
      {
        '/etc/sysctl.conf': anyBytes,
        '/etc/modprobe.conf': anyBytes,
        '/etc/sysctl.d/10-a.conf': anyBytes,
        '/etc/modprobe.d/a.conf': anyBytes,
      },
      { requiredKeys: [] },
    );
    const anyTable = fc.record({ max: fc.integer({ min: 1 }), buckets: fc.integer({ min: 1 }) });
    const anyStep = fc.record({
      table: fc.option(anyTable),
      terms: fc.record({
        changeId: fc.nat(),
        builtIn: fc.constantFrom(false, true, null),
        bucketsSysctl: fc.boolean(),
        last: fc.boolean(),
      }),
    });
    const anyLayout = fc.constantFrom<Layout[]>('nf_conntrack', 'ip_conntrack');
    await fc.assert(
      fc.asyncProperty(anyLayout, anyFiles, fc.array(anyStep, { minLength: 1, maxLength: 4 }), async (layout, files, steps) => {
        const root = await temporaryRoot(files);
        const bootFiles = new EtcBootFiles(root);
        const applied: FileChange[] = [];
        for (const { table, terms } of steps) {
          const changes = table
            ? await bootFiles.plan(layout, table, terms)
            : await bootFiles.unplan(layout, { max: null, buckets: null }, terms);
          await bootFiles.apply(changes);
          applied.push(...changes);
          const persisted = await bootFiles.persisted(layout);
          if (table && (terms.bucketsSysctl || terms.builtIn !== true || layout === 'ip_conntrack')) expect(persisted).toMatchObject(table);
          const ours = bootFiles.paths(layout);
          const others = Object.fromEntries(Object.entries(await filesBelow(root)).filter(([path]) => !ours.includes(path)));
          expect(others).toEqual(Object.fromEntries(Object.entries(files).filter(([path]) => !ours.includes(path))));
        }
        await bootFiles.apply(reversed(applied));
        expect(await filesBelow(root)).toEqual(files);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['a file with other lines', '# local\nkernel.sysrq = 0\n', 'alias eth0 e1000\n'],
    ['a last line without a line feed', 'kernel.sysrq = 0', 'alias eth0 e1000'],
    ['carriage returns', 'kernel.sysrq = 0\r\nvm.swappiness = 1\r\n', 'alias eth0 e1000\r\n'],
    ['other options on the line', '', 'options ip_conntrack ip_conntrack_disable_ve0=1\n'],
  ])('takes a legacy line out again and leaves %s as it was', async (_what, sysctlConf, modprobeConf) => {
    const files = { '/etc/sysctl.conf': sysctlConf, '/etc/modprobe.conf': modprobeConf };
    const root = await temporaryRoot(files);
    const bootFiles = new EtcBootFiles(root);
    await bootFiles.apply(await bootFiles.plan('ip_conntrack', { ...TABLE, udp_timeout: 30 }, TERMS));
    expect(await filesBelow(root)).not.toEqual(files);
    await bootFiles.apply(await bootFiles.unplan('ip_conntrack', { max: null, buckets: null, udp_timeout: null }, TERMS));
    expect(await filesBelow(root)).toEqual(files);
  });

  it('restores the previous value of a legacy line', async () => {
    const files = {
      '/etc/sysctl.conf': 'net.ipv4.ip_conntrack_max=65536 # site\n',
      '/etc/modprobe.conf': 'options ip_conntrack hashsize=8192 x=1\n',
    };
    const root = await temporaryRoot(files);
    const bootFiles = new EtcBootFiles(root);
    await bootFiles.apply(await bootFiles.plan('ip_conntrack', TABLE, TERMS));
    await bootFiles.apply(await bootFiles.unplan('ip_conntrack', { max: 65_536, buckets: 8_192 }, TERMS));
    expect(await filesBelow(root)).toEqual(files);
  });

  it.each([{ buckets: 5 }, { max: 5, buckets: 0 }, { 'max = 1\nkernel.panic': 1 }, { acct: 1.5 }])(
    'takes %j for a programming error',
    async (values: Record<string, number>) => {
      await expect(new EtcBootFiles(await temporaryRoot()).plan('nf_conntrack', values, TERMS)).rejects.toThrow(TypeError);
    },
  );
});

describe('a manual edit', () => {
  it('is found: lines in files of this service that it did not write', async () => {
    const mark = '# Written by conntrack-api: change the values through its API.\n';
    const root = await temporaryRoot({
      '/etc/sysctl.d/99-zz-conntrack-api.conf': `${mark}net.netfilter.nf_conntrack_max = 5\nvm.swappiness = 1\n`,
      '/etc/modules-load.d/conntrack-api.conf': 'nf_conntrack\n',
    });
    expect((await new EtcBootFiles(root).edited('nf_conntrack')).flatMap(({ unknownLines }) => unknownLines)).toEqual([
      { path: '/etc/modules-load.d/conntrack-api.conf', line: 1, text: 'nf_conntrack' },
      { path: '/etc/sysctl.d/99-zz-conntrack-api.conf', line: 3, text: 'vm.swappiness = 1' },
    ]);
  });
});

describe('a path of a boot file', () => {
  const place: Record<string, (path: string) => Promise<unknown>> = {
    'a symbolic link': (path) => symlink('elsewhere.conf', path),
    'a directory': (path) => mkdir(path),
    'a pipe': (path) => Promise.resolve(execFileSync('mkfifo', [path])),
  };

  it.each(Object.keys(place))('is refused when it is %s', async (what) => {
    const root = await temporaryRoot({ '/etc/sysctl.d/10-local.conf': '' });
    await place[what]?.(join(root, SYSCTL));
    const bootFiles = new EtcBootFiles(root);
    const refusal = { code: 'BOOT_FILE_NOT_MANAGED', message: expect.stringContaining(what) as string };
    await expect(bootFiles.plan('nf_conntrack', TABLE, TERMS)).rejects.toMatchObject(refusal);
    await expect(bootFiles.read([SYSCTL])).rejects.toMatchObject(refusal);
    await expect(bootFiles.apply([{ path: SYSCTL, before: null, after: 'x' }])).rejects.toMatchObject({ code: 'BOOT_FILE_CHANGED' });
    expect(await bootFiles.persisted('nf_conntrack')).toEqual({});
  });

  it('is refused when its directory is a file', async () => {
    const bootFiles = new EtcBootFiles(await temporaryRoot({ '/etc/sysctl.d': '' }));
    await expect(bootFiles.plan('nf_conntrack', TABLE, TERMS)).rejects.toMatchObject({ code: 'BOOT_FILE_NOT_MANAGED' });
  });

  it('is refused when its directory is a link that leads out of the root', async () => {
    const [outside, root] = [await temporaryRoot(), await temporaryRoot()];
    await symlink(outside, join(root, 'etc'));
    const bootFiles = new EtcBootFiles(root);
    await expect(bootFiles.plan('nf_conntrack', TABLE, TERMS)).rejects.toMatchObject({ code: 'BOOT_FILE_NOT_MANAGED' });
    await expect(bootFiles.apply([{ path: SYSCTL, before: null, after: 'x' }])).rejects.toMatchObject({ code: 'BOOT_FILE_CHANGED' });
    expect(await filesBelow(outside)).toEqual({});
  });

  it('cannot be checked when its directory is a link to itself', async () => {
    const root = await temporaryRoot({ '/etc/hostname': 'a\n' });
    await symlink('sysctl.d', join(root, '/etc/sysctl.d'));
    const refusal = { code: 'BOOT_FILE_NOT_WRITABLE', details: { errno: 'ELOOP' } };
    await expect(new EtcBootFiles(root).requireWritable('nf_conntrack')).rejects.toMatchObject(refusal);
    expect(await new EtcBootFiles(root).capability('nf_conntrack')).toMatchObject({ name: 'persist', available: false });
  });

  it('is served through a directory link that stays inside the root', async () => {
    const root = await temporaryRoot({ '/usr/etc/hostname': 'a\n' });
    await symlink('usr/etc', join(root, 'etc'));
    const bootFiles = new EtcBootFiles(root);
    await bootFiles.apply(await bootFiles.plan('nf_conntrack', TABLE, TERMS));
    expect(Object.keys(await filesBelow(join(root, 'usr')))).toContain(SYSCTL);
  });
});

describe('another path', () => {
  it('is neither read nor written', async () => {
    const root = await temporaryRoot({ '/etc/passwd': 'root\n' });
    const bootFiles = new EtcBootFiles(root);
    await expect(bootFiles.read(['/etc/passwd'])).rejects.toThrow(TypeError);
    const changes = [
      { path: SYSCTL, before: null, after: 'x' },
      { path: '/etc/passwd', before: 'root\n', after: null },
    ];
    await expect(bootFiles.apply(changes)).rejects.toThrow(TypeError);
    expect(await filesBelow(root)).toEqual({ '/etc/passwd': 'root\n' });
  });
});

describe('reading', () => {
  it('returns the bytes of existing files and null for others', async () => {
    const bootFiles = new EtcBootFiles(await temporaryRoot({ '/etc/sysctl.conf': '\xff\x00\r\n' }));
    expect(await bootFiles.read(['/etc/sysctl.conf', MODPROBE])).toEqual({ '/etc/sysctl.conf': '\xff\x00\r\n', [MODPROBE]: null });
  });
});

describe('the capability', () => {
  it('is available if the directories do not exist yet, and creates none', async () => {
    const root = await temporaryRoot({ '/etc/hostname': '' });
    expect(await new EtcBootFiles(root).capability('nf_conntrack')).toMatchObject({ name: 'persist', available: true });
    expect(await filesBelow(root)).toEqual({ '/etc/hostname': '' });
    await expect(stat(join(root, '/etc/sysctl.d'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is unavailable if a file of this name is unmanaged, and reports the file and the remedy', async () => {
    const bootFiles = new EtcBootFiles(await temporaryRoot({ [MODPROBE]: 'options nf_conntrack hashsize=1\n' }));
    const capability = await bootFiles.capability('nf_conntrack');
    expect(capability).toMatchObject({ available: false, reason: expect.stringContaining(MODPROBE) as string });
    expect(capability.remedy).toContain('Rename or remove the file');
    expect(await bootFiles.capability('ip_conntrack')).toMatchObject({ available: true });
  });

  it('predicts for a read-only directory whether a write fails, for root and for other users', async () => {
    const root = await temporaryRoot({ '/etc/sysctl.conf': '' });
    await chmod(join(root, 'etc'), 0o555);
    const { available } = await new EtcBootFiles(root).capability('ip_conntrack');
    const written = await writeFile(join(root, 'etc/probe'), '').then(
      () => true,
      () => false,
    );
    await chmod(join(root, 'etc'), 0o755);
    expect(available).toBe(written);
  });
});
