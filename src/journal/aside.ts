import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE_FILE } from './file/database.ts';

/** The -wal file after its database: a log without its database is refused, but a database without its log opens and lacks its last records. */
const FILES = ['', '-wal', '-shm'];

/** A new name, under which a journal that is replaced stays in the data directory. */
export function asideName(dataDir: string, now: Date): string {
  const name = `${DATABASE_FILE}.aside-${now.toISOString().replaceAll(':', '')}`;
  const names = [name, ...Array.from({ length: 1_000 }, (_, index) => `${name}-${index + 2}`)];
  return names.find((each) => FILES.every((suffix) => !existsSync(join(dataDir, each + suffix)))) ?? name;
}

export function hasJournal(dataDir: string): boolean {
  return FILES.some((suffix) => existsSync(join(dataDir, DATABASE_FILE + suffix)));
}

/**
 * Renames the files of the journal. It may be called again after an interruption: the new journal gets its name only after all files have been
 * renamed, so if a renamed file exists, a file at the old path is the new journal.
 */
export function moveAside(dataDir: string, name: string): void {
  const path = join(dataDir, DATABASE_FILE);
  const aside = join(dataDir, name);
  if (existsSync(path) && FILES.some((suffix) => existsSync(aside + suffix))) return;
  for (const suffix of FILES) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
}
