import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MARK } from '../../../src/boot-files/own-file.ts';
import { HelperBootFiles } from '../../../src/boot-files/helper/helper-boot-files.ts';
import type { FileChange } from '../../../src/domain/change.ts';
import type { PersistOptions } from '../../../src/domain/persist-options.ts';
import { BootHelper, type BootHelperOptions } from '../../support/boot-helper.ts';
import { filesBelow, temporaryRoot } from './temporary-root.ts';

const SYSCTL = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const MODULES = '/etc/modules-load.d/conntrack-api.conf';
const TABLE = { max: 131072, buckets: 32768 };
const TERMS: PersistOptions = { changeId: 7, builtIn: false, bucketsSysctl: true, last: false };
/** Its bytes must not change, whatever is requested. */
const VICTIM = { '/etc/shadow': 'root:*:1::::::\n', '/etc/sysctl.d/10-local.conf': 'kernel.sysrq = 0\n' };

interface Helped {
  readonly root: string;
  readonly bootFiles: HelperBootFiles;
  readonly helper: BootHelper;
}

async function helped(files: Readonly<Record<string, string>> = {}, options: BootHelperOptions = {}): Promise<Helped> {
  const root = await temporaryRoot({ ...VICTIM, ...files });
  const helper = await BootHelper.listen(await temporaryRoot(), root, options);
  onTestFinished(() => helper.close());
  return { root, helper, bootFiles: new HelperBootFiles(root, helper.path) };
}

const own = (...lines: readonly string[]): string => [MARK, ...lines, ''].join('\n');
const created = (path: string, ...lines: readonly string[]): FileChange => ({ path, before: null, after: own(...lines) });
const APPLY = (change: unknown): string => JSON.stringify({ ask: 'apply', changes: [change] });

/** Sends bytes to the helper that no client of this service would send. */
async function say(path: string, request: string): Promise<string> {
  const socket = connect({ path, allowHalfOpen: true }).on('error', () => undefined);
  socket.end(request);
  return text(socket).catch(() => '');
}

describe('the boot helper', () => {
  it('writes what the service persists, and reverts it byte for byte', async () => {
    const { root, bootFiles } = await helped();
    const changes = await bootFiles.plan('nf_conntrack', TABLE, TERMS);
    await bootFiles.requireAppliable(changes);
    await bootFiles.apply(changes);
    expect(await bootFiles.persisted('nf_conntrack')).toEqual(TABLE);
    expect((await stat(join(root, SYSCTL))).mode & 0o7777).toBe(0o644);

    await bootFiles.apply(changes.toReversed().map(({ path, before, after }) => ({ path, before: after, after: before })));
    expect(await filesBelow(root)).toEqual(VICTIM);
  });

  it('replies with the same errors as direct writing: a file that was changed, with what was found', async () => {
    const { root, bootFiles } = await helped({ [SYSCTL]: own('net.netfilter.nf_conntrack_max = 9') });
    const change = { path: SYSCTL, before: own('net.netfilter.nf_conntrack_max = 8'), after: null };
    const conflict = {
      subject: SYSCTL,
      expected: expect.stringContaining('= 8') as string,
      found: expect.stringContaining('= 9') as string,
    };
    await expect(bootFiles.apply([created(MODULES, 'nf_conntrack'), change])).rejects.toMatchObject({
      code: 'BOOT_FILE_CHANGED',
      details: { conflicts: [conflict] },
    });
    expect(Object.keys(await filesBelow(root))).not.toContain(MODULES);
  });

  it('applies one of two concurrent requests, and the other finds that the file was changed', async () => {
    const { root, bootFiles } = await helped();
    const values = [1_000, 2_000, 3_000];
    const asked = values.map((max) =>
      bootFiles.apply([created(SYSCTL, `net.netfilter.nf_conntrack_max = ${max}`), created(MODULES, 'nf_conntrack')]),
    );
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const effective = values[outcomes.findIndex(({ status }) => status === 'fulfilled')] ?? 0;
    expect(await readFile(join(root, SYSCTL), 'latin1')).toBe(own(`net.netfilter.nf_conntrack_max = ${effective}`));
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'BOOT_FILE_CHANGED' });
  });

  it('writes only for root and the configured user', async () => {
    const { root, helper, bootFiles } = await helped({}, { user: 'games' });
    const isRoot = process.getuid?.() === 0;
    const asked = bootFiles.apply([created(MODULES, 'nf_conntrack')]);
    if (isRoot) await asked;
    else {
      await expect(asked).rejects.toMatchObject({
        code: 'BOOT_FILE_WRITE_FAILED',
        message: expect.stringContaining('only root and games') as string,
      });
      expect(await filesBelow(root)).toEqual(VICTIM);
      expect(helper.complaints).toContain(`of user ${process.getuid?.()}`);
    }
  });
});

const MAX = 'net.netfilter.nf_conntrack_max = 5';

describe('a request that the boot helper refuses', () => {
  it.each([
    ['for another file', APPLY({ path: '/etc/shadow', before: null, after: own(MAX) })],
    ['that is truncated', APPLY(created(SYSCTL, MAX)).slice(0, -9)],
    ['that is empty', ''],
    ['that is huge', `{"ask":"apply","changes":["${'x'.repeat(4_000_000)}"]}`],
  ])('%s', async (_what, request) => {
    const { root, helper } = await helped();
    const answer = await say(helper.path, request);
    if (answer !== '') expect(JSON.parse(answer)).toMatchObject({ failure: { code: 'BOOT_FILE_WRITE_FAILED' } });
    await expect.poll(() => helper.running.size).toBe(0);
    expect(helper.complaints).toContain('The boot helper refuses');
    expect(await filesBelow(root)).toEqual(VICTIM);
  });

  it('because it does not end: nothing is written, and the process ends', async () => {
    const { root, helper } = await helped();
    const socket = connect({ path: helper.path }).on('error', () => undefined);
    socket.write(APPLY(created(SYSCTL, MAX)));
    const started = Date.now();
    expect(await text(socket).catch(() => '')).toContain('did not end within');
    expect(Date.now() - started).toBeGreaterThan(9_000);
    await expect.poll(() => helper.running.size).toBe(0);
    expect(await filesBelow(root)).toEqual(VICTIM);
  });
});

describe('a service whose boot helper', () => {
  it('does not run cannot persist, reports why, and refuses before anything is changed', async () => {
    const root = await temporaryRoot(VICTIM);
    const bootFiles = new HelperBootFiles(root, join(root, 'nobody.sock'));
    expect(await bootFiles.capability('nf_conntrack')).toMatchObject({
      name: 'persist',
      available: false,
      reason: expect.stringContaining('nobody.sock does not reply') as string,
      remedy: expect.stringContaining('systemctl start') as string,
    });
    const changes = await bootFiles.plan('nf_conntrack', TABLE, TERMS);
    await expect(bootFiles.requireAppliable(changes)).rejects.toMatchObject({
      code: 'BOOT_FILE_NOT_WRITABLE',
      details: { errno: 'ENOENT' },
    });
  });

  it('runs can persist through it, on the modern layout only', async () => {
    const { bootFiles, helper } = await helped();
    expect(await bootFiles.capability('nf_conntrack')).toMatchObject({
      available: true,
      via: expect.stringContaining(helper.path) as string,
    });
    expect(await bootFiles.capability('ip_conntrack')).toMatchObject({
      available: false,
      reason: expect.stringContaining('ip_conntrack') as string,
    });
    await expect(bootFiles.plan('ip_conntrack', { max: 5 }, TERMS)).rejects.toMatchObject({ code: 'NOT_SUPPORTED_HERE' });
  });

  it('cannot write a file refuses before anything is changed, with what the helper found', async () => {
    const { root, bootFiles } = await helped();
    const changes = await bootFiles.plan('nf_conntrack', TABLE, TERMS);
    await symlink('/etc/nowhere', join(root, '/etc/modules-load.d'));
    await expect(bootFiles.requireAppliable(changes)).rejects.toMatchObject({
      code: 'BOOT_FILE_NOT_WRITABLE',
      details: {
        errno: 'ENOENT',
        errors: [{ field: MODULES, expected: 'a directory', found: expect.stringContaining('/etc/modules-load.d') as string }],
        remedy: expect.stringContaining('Create the target') as string,
      },
    });
    expect(await filesBelow(root)).toEqual(VICTIM);
  });

  it('finds that a file was changed since the plan refuses before anything is changed', async () => {
    const { root, bootFiles } = await helped();
    const changes = await bootFiles.plan('nf_conntrack', TABLE, TERMS);
    await mkdir(join(root, '/etc/modules-load.d'));
    await writeFile(join(root, MODULES), own('nf_conntrack'));
    await expect(bootFiles.requireAppliable(changes)).rejects.toMatchObject({ code: 'BOOT_FILE_CHANGED' });
  });

  it('could not restore a manual edit refuses before anything is changed', async () => {
    const { bootFiles } = await helped({ [SYSCTL]: own(MAX, 'kernel.sysrq = 1') });
    const changes = await bootFiles.plan('nf_conntrack', TABLE, TERMS);
    await expect(bootFiles.requireAppliable(changes)).rejects.toMatchObject({ code: 'BOOT_FILE_NOT_MANAGED' });
  });

  it('is killed halfway restores through another helper what the first one wrote', async () => {
    const { root, bootFiles } = await helped();
    await writeFile(join(root, 'kill-once'), '');
    const helper = await BootHelper.listen(await temporaryRoot(), root, { prefix: ['sh', '-c', KILLED_ONCE, root] });
    onTestFinished(() => helper.close());
    const dying = new HelperBootFiles(root, helper.path);
    const changes = [created(MODULES, 'nf_conntrack'), created(SYSCTL, MAX)];
    await expect(dying.apply(changes)).rejects.toMatchObject({ code: 'BOOT_FILE_WRITE_FAILED' });
    expect(await filesBelow(root)).toEqual(VICTIM);
    await bootFiles.apply(changes);
  });
});

/** The first helper ends without a reply after it wrote the first file; the next ones work normally. */
const KILLED_ONCE = `
if rm "$0/kill-once" 2>/dev/null; then
  mkdir -p "$0/etc/modules-load.d" && printf '%s\\n' '${MARK}' nf_conntrack >"$0${MODULES}"
  exit 1
fi
exec "$@"`;
