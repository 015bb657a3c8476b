import { rename, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS, type ChangeTerms } from '../../src/application/change/change-terms.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

const SYSCTL_FILE = '/etc/sysctl.d/99-zz-conntrack-api.conf';

/** The recorded tree is at the limit: a larger max needs this acknowledgement. */
const TERMS: ChangeTerms = { ...PLAIN_TERMS, acknowledge: ['CHAIN_LENGTH'] };

let app: App;
beforeEach(async () => {
  app = await openApp();
});
afterEach(() => app.close());

const change = (settings: Record<string, number>, persist = false): ReturnType<App['change']['run']> =>
  app.change.run(CALLER, { settings, persist, reason: 'a test' }, TERMS);
const live = async (name: string): Promise<number> => Number(await app.tree.read(`proc/sys/net/netfilter/nf_conntrack_${name}`));

describe('a change whose boot files do not read back as written', () => {
  const WRITTEN = ['/etc/modules-load.d/conntrack-api.conf', SYSCTL_FILE, '/etc/modprobe.d/conntrack-api.conf'];
  const texts = (): Promise<Readonly<Record<string, string | null>>> => app.bootFiles.read(WRITTEN);
  /** Alters the written files before they are read back. */
  const afterwards = (alter: () => Promise<void>): void => {
    const apply = app.bootFiles.apply.bind(app.bootFiles);
    app.bootFiles.apply = async (changes) => {
      app.bootFiles.apply = apply;
      await apply(changes);
      await alter();
    };
  };
  /** As after a torn write: no error was reported, and a part of the text is missing. */
  const tear = async (path: string): Promise<void> => {
    await app.tree.write(path.slice(1), (await app.tree.read(path.slice(1))).slice(1));
  };

  it('is rolled back, files and settings, and closes as not-effective', async () => {
    await change({ max: 70_000 }, true);
    const before = await texts();
    afterwards(() => tear(SYSCTL_FILE));
    const closed = await change({ max: 131_072 }, true);
    expect(closed).toMatchObject({
      outcome: 'not-effective',
      failure: { code: 'WRITE_NOT_EFFECTIVE' },
      observed: { settings: { max: 70_000 } },
    });
    expect(closed).toHaveProperty('failure.message', expect.stringContaining(SYSCTL_FILE));
    expect(await texts()).toEqual(before);
    expect(closed.observed.files).toEqual(Object.fromEntries(closed.files.map(({ path }) => [path, before[path]])));
    expect(await live('max')).toBe(70_000);
  });

  it('leaves no file where there was none before', async () => {
    afterwards(() => tear(WRITTEN[2] ?? ''));
    expect(await change({ max: 131_072 }, true)).toMatchObject({ outcome: 'not-effective' });
    expect(Object.values(await texts())).toEqual([null, null, null]);
    expect(await live('max')).toBe(65_536);
  });

  it('that were not written at all, without an error, is rolled back too', async () => {
    app.bootFiles.apply = () => Promise.resolve();
    expect(await change({ max: 131_072 }, true)).toMatchObject({ outcome: 'not-effective', observed: { settings: { max: 65_536 } } });
  });

  it('closes as restore-failed with both errors when a file cannot be restored, and restores everything else', async () => {
    afterwards(async () => {
      await rename(join(app.tree.root, SYSCTL_FILE), join(app.tree.root, 'elsewhere'));
      await symlink('nowhere', join(app.tree.root, SYSCTL_FILE));
    });
    const closed = await change({ max: 131_072 }, true);
    expect(closed).toMatchObject({
      outcome: 'restore-failed',
      failure: { code: 'WRITE_NOT_EFFECTIVE' },
      restoreFailure: { code: 'BOOT_FILE_NOT_MANAGED' },
      observed: { settings: { max: 65_536 }, files: {} },
    });
    await unlink(join(app.tree.root, SYSCTL_FILE));
    expect(Object.values(await texts())).toEqual([null, null, null]);
  });

  it('closes as restore-failed when restoring them reports success but has no effect', async () => {
    afterwards(() => {
      app.bootFiles.apply = () => Promise.resolve();
      return tear(SYSCTL_FILE);
    });
    const closed = await change({ max: 131_072 }, true);
    expect(closed).toMatchObject({ outcome: 'restore-failed', restoreFailure: { code: 'WRITE_NOT_EFFECTIVE' } });
    expect(closed.observed.files).toEqual(await texts());
    expect(await live('max')).toBe(65_536);
  });
});
