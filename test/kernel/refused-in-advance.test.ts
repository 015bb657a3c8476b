import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const SYSCTL = 'etc/sysctl.d/99-zz-conntrack-api.conf';
const MODULES = 'etc/modules-load.d/conntrack-api.conf';
const UDP = {
  nf_conntrack: 'proc/sys/net/netfilter/nf_conntrack_udp_timeout',
  ip_conntrack: 'proc/sys/net/ipv4/netfilter/ip_conntrack_udp_timeout',
};
const TERMS: ChangeTerms = { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH', 'LOST_AT_BOOT', 'BOOT_FILE_EDITED'] };

let app: App;
let undo: (() => void)[] = [];
afterEach(async () => {
  for (const step of undo.reverse()) step();
  undo = [];
  await app.close();
});

function run(...command: readonly string[]): void {
  execFileSync(command[0] ?? '', command.slice(1));
}

function place(path: string): string {
  return join(app.tree.root, path);
}

/** Puts the content of a directory on a file system of its own. */
function mountTmpfs(path: string, options: string): void {
  run('cp', '-a', place(path), `${app.tree.root}.kept`);
  run('mount', '-t', 'tmpfs', '-o', `mode=755,${options}`, 'tmpfs', place(path));
  undo.push(() => {
    run('umount', place(path));
    run('rm', '-r', `${app.tree.root}.kept`);
  });
  run('sh', '-c', `cp -a "$0"/. "$1"`, `${app.tree.root}.kept`, place(path));
}

function chattr(flag: string, path: string): void {
  run('chattr', `+${flag}`, place(path));
  undo.push(() => {
    run('chattr', `-${flag}`, place(path));
  });
}

function bindMount(path: string, ...remount: readonly string[]): void {
  run('mount', '--bind', place(path), place(path));
  undo.push(() => {
    run('umount', place(path));
  });
  if (remount.length > 0) run('mount', ...remount, place(path));
}

/** What prevents a write, and what the refusal must name. */
const OBSTACLES: readonly (readonly [string, () => Promise<void> | void, { errno: string; found: RegExp }])[] = [
  [
    '/etc is mounted read-only',
    () => {
      bindMount('etc', '-o', 'remount,ro,bind');
    },
    { errno: 'EROFS', found: /^\/etc\/\S+: read-only file system$/ },
  ],
  [
    'a boot directory is a dangling link',
    async () => {
      await rm(place('etc/modules-load.d'), { recursive: true });
      await symlink('/etc/nowhere', place('etc/modules-load.d'));
    },
    { errno: 'ENOENT', found: /leads nowhere: \/etc\/modules-load\.d$/ },
  ],
  [
    'a boot directory is missing and cannot be created',
    async () => {
      await rm(place('etc/modules-load.d'), { recursive: true });
      chattr('i', 'etc');
    },
    { errno: 'EPERM', found: /^\/etc: operation not permitted$/ },
  ],
  [
    'a boot directory is append-only',
    () => {
      chattr('a', 'etc/sysctl.d');
    },
    { errno: 'EPERM', found: /sysctl\.d: append-only/ },
  ],
  [
    'a boot file is immutable',
    () => {
      chattr('i', SYSCTL);
    },
    { errno: 'EPERM', found: /immutable/ },
  ],
  [
    'a boot file is append-only',
    () => {
      chattr('a', SYSCTL);
    },
    { errno: 'EPERM', found: /append-only/ },
  ],
  [
    'a boot file is mounted alone, as into a container',
    () => {
      bindMount(SYSCTL);
    },
    { errno: 'EBUSY', found: /a mount point/ },
  ],
  [
    'the file system has no block left',
    () => {
      mountTmpfs('etc/sysctl.d', 'size=64k');
      run('sh', '-c', 'head -c 1M /dev/zero >"$0/fill" || true', place('etc/sysctl.d'));
    },
    { errno: 'ENOSPC', found: /^0 bytes$/ },
  ],
  [
    'the file system has no inode left',
    () => {
      mountTmpfs(
        'etc/sysctl.d',
        `nr_inodes=${execFileSync('sh', ['-c', 'find "$0" | wc -l', place('etc/sysctl.d')])
          .toString()
          .trim()}`,
      );
    },
    { errno: 'ENOSPC', found: /^0 inodes$/ },
  ],
];

async function refusalOf(attempt: Promise<unknown>): Promise<ConntrackError> {
  const error: unknown = await attempt.then(
    () => new Error('expected a refusal, found success'),
    (reason: unknown) => reason,
  );
  if (error instanceof ConntrackError) return error;
  throw error;
}

/** Everything below /etc that a write would alter. */
async function etc(): Promise<unknown> {
  const entries = await readdir(place('etc'), { recursive: true });
  return Promise.all(
    entries.sort().map(async (path) => {
      const { ino, size, mtimeMs, ctimeMs } = await lstat(join(place('etc'), path));
      return { path, ino, size, mtimeMs, ctimeMs };
    }),
  );
}

const persisting = (seconds: number) => ({ settings: { udp_timeout: seconds }, persist: true, reason: null });

describe('a change of boot files is refused in advance, and its dry run alike, if', () => {
  it.each(OBSTACLES)('%s', async (_what, obstruct, { errno, found }) => {
    app = await openApp();
    await mkdir(place('etc/modules-load.d'), { recursive: true });
    const persisted = await app.change.run(CALLER, persisting(40), TERMS);
    const windowed = await app.change.run(CALLER, persisting(50), { ...TERMS, confirmWithinSeconds: 60 });
    await obstruct();
    const [head, before, files] = [app.journal.head(), await app.tree.read(UDP.nf_conntrack), await etc()];

    const window = { ...TERMS, confirmWithinSeconds: 60 };
    const rollback = { what: 'change', id: persisted.id, force: true, reason: null } as const;
    const attempts = [
      () => app.change.preview(persisting(60), window),
      () => app.change.run(CALLER, persisting(60), window),
      // The rollback only removes files, which needs no space.
      ...(errno === 'ENOSPC' ? [] : [() => app.rollBack.preview(rollback, TERMS), () => app.rollBack.run(CALLER, rollback, TERMS)]),
      () => app.confirm.run(CALLER, windowed.id, null, TERMS),
    ];
    for (const attempt of attempts) {
      const { code, details } = await refusalOf(attempt());
      expect({ code, errno: details.errno, errors: details.errors, remedy: details.remedy }).toEqual({
        code: 'BOOT_FILE_NOT_WRITABLE',
        errno,
        errors: [
          {
            field: expect.stringMatching(/^\/etc\//) as string,
            expected: expect.any(String) as string,
            found: expect.stringMatching(found) as string,
          },
        ],
        remedy: expect.stringMatching(/^\w/) as string,
      });
    }
    const [dry, real] = [
      await refusalOf(app.change.preview(persisting(60), window)),
      await refusalOf(app.change.run(CALLER, persisting(60), window)),
    ];
    expect(dry).toEqual(real);
    expect([app.journal.head(), await app.tree.read(UDP.nf_conntrack), await etc()]).toEqual([head, before, files]);
    expect(await app.bootFiles.capability('nf_conntrack')).toMatchObject({ name: 'persist', available: false });

    for (const step of undo.reverse()) step();
    undo = [];
  });

  it('an unpersist would remove an immutable file', async () => {
    app = await openApp();
    await app.change.run(CALLER, persisting(40), TERMS);
    chattr('i', MODULES);
    const request = { names: null, reason: null };
    const [dry, real] = [
      await refusalOf(app.unpersist.preview(request, TERMS)),
      await refusalOf(app.unpersist.run(CALLER, request, TERMS)),
    ];
    expect(dry).toEqual(real);
    expect(dry).toMatchObject({ code: 'BOOT_FILE_NOT_WRITABLE', details: { errors: [{ field: `/${MODULES}` }] } });
  });

  it('a shared file of the legacy layout is immutable', async () => {
    app = await openApp('ip_conntrack');
    await app.tree.write('etc/sysctl.conf', 'kernel.sysrq = 0\n');
    chattr('i', 'etc/sysctl.conf');
    const before = await app.tree.read(UDP.ip_conntrack);
    const [dry, real] = [
      await refusalOf(app.change.preview(persisting(40), TERMS)),
      await refusalOf(app.change.run(CALLER, persisting(40), TERMS)),
    ];
    expect(dry).toEqual(real);
    expect(dry).toMatchObject({ code: 'BOOT_FILE_NOT_WRITABLE', details: { errno: 'EPERM', errors: [{ field: '/etc/sysctl.conf' }] } });
    expect(await app.tree.read(UDP.ip_conntrack)).toBe(before);
  });
});

describe('a change is refused in advance, and its dry run alike, if', () => {
  it('a live setting is on a read-only mount', async () => {
    app = await openApp();
    bindMount('proc/sys', '-o', 'remount,ro,bind');
    const request = { settings: { udp_timeout: 40 }, persist: false, reason: null };
    const [dry, real] = [await refusalOf(app.change.preview(request)), await refusalOf(app.change.run(CALLER, request))];
    expect(dry).toEqual(real);
    expect(dry).toMatchObject({
      code: 'SETTING_NOT_WRITABLE',
      details: {
        errno: 'EROFS',
        errors: [{ field: 'settings.udp_timeout' }],
        remedy: expect.stringContaining('writable /proc/sys') as string,
      },
    });
  });

  it('the journal is on a read-only mount', async () => {
    app = await openApp();
    await app.change.run(CALLER, { settings: { udp_timeout: 40 }, persist: false, reason: null });
    run('mount', '--bind', app.dataDir, app.dataDir);
    undo.push(() => {
      run('umount', app.dataDir);
    });
    run('mount', '-o', 'remount,ro,bind', app.dataDir);
    const request = { settings: { udp_timeout: 50 }, persist: false, reason: null };
    const attempts = [
      () => app.change.preview(request),
      () => app.change.run(CALLER, request),
      () => app.rollBack.preview({ what: 'change', id: 1, force: false, reason: null }),
      () => app.rollBack.run(CALLER, { what: 'change', id: 1, force: false, reason: null }),
      () =>
        app.deleteEntries.preview({ what: 'flush', filter: EVERY_ENTRY, limit: null }, null, {
          namespace: null,
          reason: null,
          idempotency: null,
        }),
    ];
    for (const attempt of attempts) {
      expect(await refusalOf(attempt())).toMatchObject({ code: 'JOURNAL_UNAVAILABLE', details: { errno: 'EROFS' } });
    }
    expect(Number(await app.tree.read(UDP.nf_conntrack))).toBe(40);
  });
});
