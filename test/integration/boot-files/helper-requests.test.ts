import { execFileSync } from 'node:child_process';
import { link, mkdir, symlink } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EtcBootFiles } from '../../../src/boot-files/etc-boot-files.ts';
import { answerRequest } from '../../../src/boot-files/helper/answer-request.ts';
import { MARK } from '../../../src/boot-files/own-file.ts';
import type { FileChange } from '../../../src/domain/change.ts';
import { filesBelow, temporaryRoot } from './temporary-root.ts';

const SYSCTL = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const LATER = '/etc/sysctl.d/zzzz-conntrack-api.conf';
const MODPROBE = '/etc/modprobe.d/conntrack-api.conf';
const MODULES = '/etc/modules-load.d/conntrack-api.conf';
/** Its bytes must not change, whatever is requested. */
const VICTIM = { '/etc/shadow': 'root:*:1::::::\n', '/etc/sysctl.d/10-local.conf': 'kernel.sysrq = 0\n' };
const MOVED = { failure: { code: 'BOOT_FILE_CHANGED' } };

const own = (...lines: readonly string[]): string => [MARK, ...lines, ''].join('\n');
const created = (path: string, ...lines: readonly string[]): FileChange => ({ path, before: null, after: own(...lines) });
const applying = (...changes: readonly unknown[]): string => JSON.stringify({ ask: 'apply', changes });

const MAX = 'net.netfilter.nf_conntrack_max = 5';
const REFUSED: Readonly<Record<string, FileChange | string>> = {
  'another file of /etc': created('/etc/shadow', MAX),
  'another file of the same directory': created('/etc/sysctl.d/10-local.conf', MAX),
  'a path with ..': created('/etc/sysctl.d/../sysctl.d/99-zz-conntrack-api.conf', MAX),
  'a path with a doubled slash': created('/etc/sysctl.d//99-zz-conntrack-api.conf', MAX),
  'a path with a zero byte': created(`${SYSCTL}\0`, MAX),
  'the shared file of the old layout': created('/etc/sysctl.conf', MAX),
  'another key': created(SYSCTL, 'kernel.core_pattern = 1'),
  'another key behind the prefix': created(SYSCTL, 'net.netfilter.nf_conntrack_../../../kernel/sysrq = 1'),
  'a key of the same directory that does not belong to conntrack': created(SYSCTL, 'net.netfilter.nf_log_all_netns = 1'),
  'an unknown key': created(SYSCTL, 'net.netfilter.nf_conntrack_whatever = 1'),
  'the name of an inherited property': created(SYSCTL, 'net.netfilter.nf_conntrack_constructor = 1'),
  'a value with a blank': created(SYSCTL, 'net.netfilter.nf_conntrack_max = 5 6'),
  'a value in hexadecimal': created(SYSCTL, 'net.netfilter.nf_conntrack_max = 0x20'),
  'a value in octal': created(SYSCTL, 'net.netfilter.nf_conntrack_max = 020'),
  'a value above INT_MAX': created(SYSCTL, 'net.netfilter.nf_conntrack_max = 2147483648'),
  'a value below the range': created(SYSCTL, 'net.netfilter.nf_conntrack_max = -1'),
  'a flag that is neither 0 nor 1': created(SYSCTL, 'net.netfilter.nf_conntrack_acct = 2'),
  'a timeout of 0': created(SYSCTL, 'net.netfilter.nf_conntrack_udp_timeout = 0'),
  'a timeout that overflows jiffies': created(SYSCTL, 'net.netfilter.nf_conntrack_gre_timeout = 2147484'),
  'a value with a carriage return': created(SYSCTL, 'net.netfilter.nf_conntrack_max = 5\r'),
  'a value followed by another line': created(SYSCTL, 'net.netfilter.nf_conntrack_max = 5\nkernel.sysrq = 1'),
  'a comment that continues on the next line': created(MODPROBE, '# \\', 'options nf_conntrack hashsize=1'),
  'a command of modprobe.d': created(MODPROBE, 'install nf_conntrack /bin/sh -c id'),
  'another option of the module': created(MODPROBE, 'options nf_conntrack hashsize=1 expect_hashsize=2'),
  'a hash table that does not fit into memory': created(MODPROBE, `options nf_conntrack hashsize=${Math.ceil(totalmem() / 8)}`),
  'another module': created(MODULES, 'evil'),
  'a line of one file in another': created(MODULES, MAX),
  'a file without the first line of this service': { path: SYSCTL, before: null, after: `${MAX}\n` },
  'a file without a final line feed': { path: SYSCTL, before: null, after: `${MARK}\n${MAX}` },
  'a file that is too long': created(SYSCTL, ...Array.from({ length: 800 }, () => MAX)),
  'removing an unmanaged file': { path: SYSCTL, before: 'theirs\n', after: null },
  'content that is not bytes': { path: SYSCTL, before: `${MARK}\n\u{1F4A3}`, after: null },
  'one field more': applying({ ...created(SYSCTL, MAX), mode: 0o4777 }),
  'a number for a content': applying({ path: SYSCTL, before: null, after: 5 }),
  'a truncated request': applying(created(SYSCTL, MAX)).slice(0, -9),
  'text that is not JSON': 'hello',
  'an empty request': '',
  'another verb': JSON.stringify({ ask: 'exec', changes: [] }),
  'a file listed twice': JSON.stringify({ ask: 'apply', changes: [created(MODULES, 'nf_conntrack'), created(MODULES, 'nf_conntrack')] }),
};

describe('a request that the boot helper must refuse', () => {
  it.each(Object.entries(REFUSED))('%s', async (_what, request) => {
    const root = await temporaryRoot(VICTIM);
    const answer = await answerRequest(new EtcBootFiles(root), typeof request === 'string' ? request : applying(request));
    expect(answer).toMatchObject({ failure: { code: 'BOOT_FILE_WRITE_FAILED', message: expect.stringContaining('refuses') as string } });
    expect(await filesBelow(root)).toEqual(VICTIM);
  });

  it('with one invalid change among valid ones: none is applied', async () => {
    const root = await temporaryRoot(VICTIM);
    const request = applying(created(MODULES, 'nf_conntrack'), created(SYSCTL, 'kernel.sysrq = 1'));
    expect(await answerRequest(new EtcBootFiles(root), request)).toMatchObject({ failure: { code: 'BOOT_FILE_WRITE_FAILED' } });
    expect(await filesBelow(root)).toEqual(VICTIM);
  });
});

describe('a path of a boot file', () => {
  const place = (root: string): string => join(root, SYSCTL);
  const traps: Readonly<Record<string, (root: string) => Promise<unknown>>> = {
    'a link to a file of another program': (root) => symlink(join(root, '/etc/shadow'), place(root)),
    'a link to nothing': (root) => symlink('/nonexistent/file', place(root)),
    'a hard link to a file of another program': (root) => link(join(root, '/etc/shadow'), place(root)),
    'a pipe': (root) => Promise.resolve(execFileSync('mkfifo', [place(root)])),
    'a directory': (root) => mkdir(place(root)),
  };

  it.each(Object.entries(traps))('is left alone when it is %s', async (_what, set) => {
    const root = await temporaryRoot(VICTIM);
    await set(root);
    const before = await filesBelow(root);
    expect(await answerRequest(new EtcBootFiles(root), applying(created(MODULES, 'nf_conntrack'), created(SYSCTL, MAX)))).toMatchObject(
      MOVED,
    );
    expect(await filesBelow(root)).toEqual(before);
  });

  it('is not followed if a link has the name of a temporary file', async () => {
    const root = await temporaryRoot(VICTIM);
    await symlink(join(root, '/etc/shadow'), join(root, '/etc/sysctl.d/.99-zz-conntrack-api.conf.0123456789abcdef.tmp'));
    expect(await answerRequest(new EtcBootFiles(root), applying(created(SYSCTL, MAX)))).toEqual({ done: true });
    expect(await filesBelow(root)).toEqual({ ...VICTIM, [SYSCTL]: own(MAX) });
  });

  it('is left alone if all users may write the directory or the file', async () => {
    const root = await temporaryRoot({ ...VICTIM, [LATER]: own(MAX) });
    const removing = applying({ path: LATER, before: own(MAX), after: null });
    execFileSync('chmod', ['o+w', join(root, LATER)]);
    expect(await answerRequest(new EtcBootFiles(root), removing)).toMatchObject(MOVED);
    execFileSync('chmod', ['o-w', join(root, LATER)]);
    execFileSync('chmod', ['o+w', join(root, '/etc/sysctl.d')]);
    expect(await answerRequest(new EtcBootFiles(root), removing)).toMatchObject(MOVED);
    expect(await filesBelow(root)).toEqual({ ...VICTIM, [LATER]: own(MAX) });
  });
});
