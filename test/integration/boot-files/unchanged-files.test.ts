import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, it, type TestContext } from 'vitest';
import { HostBootSources } from '../../../src/boot-files/sources/host-boot-sources.ts';
import { temporaryRoot } from './temporary-root.ts';

/** Longer than the coarsest time stamp that a reading allows for. */
const AGED_MILLISECONDS = 2_300;
const FILES = {
  '/proc/sys/kernel/osrelease': '6.1.0-37-amd64\n',
  '/proc/cmdline': 'quiet\n',
  '/etc/sysctl.conf': 'net.netfilter.nf_conntrack_max = 1\n',
  '/etc/sysctl.d/a.conf': 'net.netfilter.nf_conntrack_max = 2\n',
  '/etc/modprobe.d/a.conf': 'options nf_conntrack hashsize=1024\n',
  '/usr/lib/sysctl.d/b.conf': 'net.netfilter.nf_conntrack_max = 3\n',
  '/srv/shared.conf': 'net.netfilter.nf_conntrack_max = 4\n',
};

async function rootWithLinks({ onTestFinished }: TestContext): Promise<string> {
  const root = await temporaryRoot(FILES, onTestFinished);
  await symlink('../../srv/shared.conf', join(root, '/etc/sysctl.d/c.conf'));
  await symlink('../../srv/later.conf', join(root, '/etc/sysctl.d/d.conf'));
  return root;
}

/** What another program does to the files, and whether a reading has a different result then. */
const EDITS: readonly (readonly [string, (at: (path: string) => string) => Promise<unknown>])[] = [
  ['a file grows', (at) => appendFile(at('/etc/sysctl.d/a.conf'), '# more\n')],
  ['a file has other bytes of the same number and its former time', (at) => withFormerTime(at('/etc/sysctl.d/a.conf'))],
  ['a file is replaced by one of the same size', (at) => replace(at('/etc/sysctl.d/a.conf'), 'net.netfilter.nf_conntrack_max = 9\n')],
  ['a file is deleted', (at) => unlink(at('/usr/lib/sysctl.d/b.conf'))],
  ['a file is added', (at) => writeFile(at('/etc/modprobe.d/b.conf'), 'options nf_conntrack acct=1\n')],
  ['a file is renamed', (at) => rename(at('/etc/sysctl.d/a.conf'), at('/etc/sysctl.d/z.conf'))],
  ['a directory that was absent is created with a file', (at) => addDirectory(at('/run/sysctl.d'))],
  ['a file is created that was absent', (at) => writeFile(at('/etc/modules'), 'nf_conntrack\n')],
  ['the target of a link is edited', (at) => writeFile(at('/srv/shared.conf'), 'net.netfilter.nf_conntrack_max = 8\n')],
  ['the target of a dangling link appears', (at) => writeFile(at('/srv/later.conf'), 'net.netfilter.nf_conntrack_max = 5\n')],
  ['a link leads elsewhere', (at) => relink(at('/etc/sysctl.d/c.conf'), '../sysctl.conf')],
  ['the kernel command line differs', (at) => writeFile(at('/proc/cmdline'), 'quiet nf_conntrack.hashsize=8\n')],
  ['a directory is replaced', (at) => replaceDirectory(at('/etc/sysctl.d'))],
];

async function withFormerTime(path: string): Promise<void> {
  // With nanoseconds, which utimes does not set.
  const touch = (args: readonly string[]): Promise<unknown> => promisify(execFile)('touch', args);
  // Not below the root: a new file there is a change, too.
  const reference = join(await mkdtemp(join(tmpdir(), 'former-time-')), 'file');
  await touch(['-r', path, reference]);
  await writeFile(path, 'net.netfilter.nf_conntrack_max = 7\n');
  await touch(['-r', reference, path]);
  await rm(dirname(reference), { recursive: true });
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

async function addDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'r.conf'), 'net.netfilter.nf_conntrack_acct = 1\n');
}

async function relink(path: string, target: string): Promise<void> {
  await unlink(path);
  await symlink(target, path);
}

async function replaceDirectory(path: string): Promise<void> {
  await rename(path, `${path}.old`);
  await mkdir(path);
}

describe.concurrent('a second reading of the boot files', () => {
  it.for(EDITS)('has a current result if %s', { timeout: 60_000 }, async ([, edit], context) => {
    const { expect } = context;
    const root = await rootWithLinks(context);
    const reader = new HostBootSources(root);
    await sleep(AGED_MILLISECONDS);
    const first = await reader.read('nf_conntrack');
    expect(await reader.read('nf_conntrack')).toBe(first);
    await edit((path) => join(root, path));
    const second = await reader.read('nf_conntrack');
    expect(second).toEqual(await new HostBootSources(root).read('nf_conntrack'));
    expect(second).not.toEqual(first);
  });

  it('has a current result if a file has changed in the same moment', async (context) => {
    const { expect } = context;
    const root = await rootWithLinks(context);
    const reader = new HostBootSources(root);
    for (let round = 0; round < 50; round += 1) {
      await writeFile(join(root, '/etc/sysctl.d/a.conf'), `net.netfilter.nf_conntrack_max = ${round % 10}\n`);
      expect(await reader.read('nf_conntrack')).toEqual(await new HostBootSources(root).read('nf_conntrack'));
    }
  });

  it('does not rely on a time that another change could have too', async (context) => {
    const reader = new HostBootSources(await rootWithLinks(context));
    const first = await reader.read('nf_conntrack');
    context.expect(await reader.read('nf_conntrack')).not.toBe(first);
  });

  it('reads again what could not be read, once it can be', { timeout: 60_000 }, async (context) => {
    const { expect } = context;
    const root = await rootWithLinks(context);
    await rm(join(root, '/etc/sysctl.d/a.conf'));
    await mkdir(join(root, '/etc/modprobe.d/z.conf'));
    await chmod(join(root, '/etc/sysctl.conf'), 0o000);
    const reader = new HostBootSources(root);
    await sleep(AGED_MILLISECONDS);
    const first = await reader.read('nf_conntrack');
    await chmod(join(root, '/etc/sysctl.conf'), 0o644);
    const second = await reader.read('nf_conntrack');
    expect(second).not.toBe(first);
    expect(second.sysctlConf?.content).toEqual({ kind: 'text', text: FILES['/etc/sysctl.conf'] });
  });

  it('of this host is the first one while nothing changes', { timeout: 60_000 }, async ({ expect }) => {
    const reader = new HostBootSources('/');
    const isKept = async (): Promise<boolean> => (await reader.read('nf_conntrack')) === (await reader.read('nf_conntrack'));
    await expect.poll(isKept, { timeout: 50_000, interval: 500 }).toBe(true);
    expect(await reader.read('nf_conntrack')).toEqual(await new HostBootSources('/').read('nf_conntrack'));
  });
});
