import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireServiceLock } from '../../../src/journal/file/journal-lock.ts';
import { ensureDataDirectory } from '../../../src/journal/file/data-directory.ts';
import { openDatabase } from '../../../src/journal/open-database.ts';
import { openDatabaseReadOnly } from '../../../src/journal/read-only.ts';
import { SamplesFile } from '../../../src/journal/samples/samples-file.ts';
import { databasePath, refusal, temporaryDirectory } from './support.ts';

const OTHER = { uid: 4_242, gid: 4_242 };
const modeOf = (path: string): number => lstatSync(path).mode & 0o7777;
const pipe = (path: string): void => void execFileSync('mkfifo', [path]);

/** A data directory with a journal, below a directory of its own. */
function prepared(): { readonly parent: string; readonly dataDir: string } {
  const parent = join(temporaryDirectory(), 'parent');
  const dataDir = join(parent, 'data');
  openDatabase(dataDir).close();
  return { parent, dataDir };
}

type Place = ReturnType<typeof prepared>;
const TRAPS: Readonly<Record<string, (place: Place) => void>> = {
  'of mode 0777': ({ dataDir }) => {
    chmodSync(dataDir, 0o777);
  },
  'that its group may write': ({ dataDir }) => {
    chmodSync(dataDir, 0o770);
  },
  'that is sticky and shared': ({ dataDir }) => {
    chmodSync(dataDir, 0o1777);
  },
  'below a directory that others may write': ({ parent }) => {
    chmodSync(parent, 0o703);
  },
  'with a link for the samples': ({ dataDir }) => {
    symlinkSync('/dev/null', join(dataDir, 'samples.sqlite3'));
  },
  'with a dangling link for the lock': ({ dataDir }) => {
    symlinkSync('/nonexistent/file', join(dataDir, 'service.lock'));
  },
  'with a pipe for the log of the journal': ({ dataDir }) => {
    pipe(`${databasePath(dataDir)}-wal`);
  },
  'with a pipe for the renewal': ({ dataDir }) => {
    pipe(join(dataDir, 'journal-renewal.json'));
  },
  'with a journal that others may write': ({ dataDir }) => {
    chmodSync(databasePath(dataDir), 0o620);
  },
};

describe('a data directory', () => {
  it.each(Object.entries(TRAPS))('%s is refused with path and remedy, and not changed', (_what, set) => {
    const place = prepared();
    set(place);
    const before = readdirSync(place.dataDir);
    for (const use of [acquireServiceLock, openDatabase]) {
      const { code, message, details } = refusal(() => use(place.dataDir));
      expect(code).toBe('JOURNAL_UNAVAILABLE');
      expect(message).toContain(place.parent);
      expect(details.remedy).toMatch(/chmod go-w|rm /);
    }
    expect(readdirSync(place.dataDir)).toEqual(before);
  });

  it('of another user is refused, even for root', () => {
    const { dataDir, parent } = prepared();
    expect(
      refusal(() => {
        ensureDataDirectory(dataDir, OTHER);
      }).message,
    ).toContain(`user ${String(OTHER.uid)}`);
    if (process.geteuid?.() !== 0) return;
    for (const path of [databasePath(dataDir), dataDir, parent]) {
      chownSync(path, OTHER.uid, OTHER.gid);
      expect(refusal(() => acquireServiceLock(dataDir)).message).toContain(`${path}: expected user 0 as its owner, found user 4242`);
      chownSync(path, 0, 0);
    }
    acquireServiceLock(dataDir).release();
  });

  it('is refused if its path leads through a link of another user', () => {
    const { dataDir, parent } = prepared();
    const link = join(parent, 'link');
    symlinkSync(dataDir, link);
    acquireServiceLock(link).release();
    if (process.geteuid?.() !== 0) return;
    execFileSync('chown', ['-h', '4242', link]);
    expect(refusal(() => acquireServiceLock(link)).message).toContain(link);
  });

  it('that is empty loses the write permission of others', () => {
    const dataDir = join(temporaryDirectory(), 'volume');
    mkdirSync(dataDir);
    chmodSync(dataDir, 0o777);
    acquireServiceLock(dataDir).release();
    expect(modeOf(dataDir)).toBe(0o755);
  });

  it('may be below a sticky directory', () => {
    const { dataDir, parent } = prepared();
    chmodSync(parent, 0o1777);
    acquireServiceLock(dataDir).release();
  });

  it('has private files whatever the umask, and files that others may read become private', () => {
    const dataDir = join(temporaryDirectory(), 'data');
    const script = `
      process.umask(0);
      const { acquireServiceLock } = await import('./src/journal/file/journal-lock.ts');
      const { openDatabase } = await import('./src/journal/open-database.ts');
      const { SamplesFile } = await import('./src/journal/samples/samples-file.ts');
      const { readdirSync, statSync } = await import('node:fs');
      acquireServiceLock(process.argv[1]);
      openDatabase(process.argv[1]);
      new SamplesFile(process.argv[1], () => {}).read((connection) => connection.exec('CREATE TABLE t (a)'));
      const modes = readdirSync(process.argv[1]).map((name) => [name, (statSync(process.argv[1] + '/' + name).mode & 0o777).toString(8)]);
      process.stdout.write(JSON.stringify([(statSync(process.argv[1]).mode & 0o777).toString(8), Object.fromEntries(modes)]));
      process.exit();`;
    const [own, files] = JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script, dataDir], { encoding: 'utf8' }),
    ) as [string, Record<string, string>];
    expect(own).toBe('700');
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['samples.sqlite3', 'samples.sqlite3-wal', 'service.lock', 'service.json']));
    expect(new Set(Object.values(files))).toEqual(new Set(['600']));
    for (const name of ['samples.sqlite3', 'conntrack-api.sqlite3', 'service.lock']) chmodSync(join(dataDir, name), 0o644);
    acquireServiceLock(dataDir).release();
    for (const name of readdirSync(dataDir)) expect(statSync(join(dataDir, name)).mode & 0o077).toBe(0);
  });
});

describe('a pipe in place of a file', () => {
  it('is refused at once for the journal, also by commands that only read', () => {
    const dataDir = temporaryDirectory();
    pipe(databasePath(dataDir));
    for (const use of [acquireServiceLock, openDatabase, openDatabaseReadOnly])
      expect(refusal(() => use(dataDir)).message).toContain('pipe');
  });

  it('is refused for the samples', () => {
    const dataDir = temporaryDirectory();
    pipe(join(dataDir, 'samples.sqlite3'));
    const samples = new SamplesFile(dataDir, () => undefined);
    expect(refusal(() => samples.read(() => 0)).code).toBe('HISTORY_UNAVAILABLE');
  });

  it('does not hide a regular file of the same directory that belongs to another program', () => {
    const dataDir = temporaryDirectory();
    pipe(join(dataDir, 'other-program.sock'));
    writeFileSync(join(dataDir, 'notes.txt'), 'x', { mode: 0o644 });
    acquireServiceLock(dataDir).release();
    expect(modeOf(join(dataDir, 'notes.txt'))).toBe(0o644);
  });
});
