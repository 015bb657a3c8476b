import { existsSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AlteredToken, JournalHead } from '../application/ports/journal.ts';
import type { Administrator } from '../application/ports/tokens.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Token } from '../domain/token.ts';
import { asideName, hasJournal, moveAside } from './aside.ts';
import { exclusiveConnection } from './file/connection.ts';
import { requireTrustedFile } from './file/data-directory.ts';
import { DATABASE_FILE, type Database } from './file/database.ts';
import { isLocked, journalRefused, journalUnavailable } from './file/journal-error.ts';
import { acquireServiceLock } from './file/journal-lock.ts';
import { refuseOtherMigrations } from './file/migrate.ts';
import { syncFile, writeSnapshot } from './file/snapshot.ts';
import { openFile } from './open-database.ts';
import { presentJournal, type PresentJournal } from './present-journal.ts';
import { openDatabaseReadOnly } from './read-only.ts';
import { head, verifyChain } from './record/chain.ts';
import { appendRecord, headOn } from './record/record.ts';
import { restoreDraft } from './record/restore-content.ts';
import { SqliteJournal } from './record/sqlite-journal.ts';
import { refuseHalfRenewed } from './renewal.ts';
import { endRestoration, interruptedRestoration, saveRestoration, type Restoration } from './restoration.ts';
import { lostTokens, returningTokens, type ReturningToken } from './tokens/returning-tokens.ts';
import { storedTokens } from './tokens/stored-tokens.ts';

/** What a restore would change. */
export interface RestorePreview {
  readonly restored: JournalHead;
  /** Absent if the data directory has no journal. `head` is `null` if it cannot be read. */
  readonly replaced?: { readonly head: JournalHead | null; readonly problem?: string };
  readonly returning: readonly ReturningToken[];
  readonly lost: readonly Token[];
  readonly altered: readonly AlteredToken[];
  /** Changes of the backup that the service settles or reverts when it starts: without an outcome, and awaiting confirmation. */
  readonly open: readonly number[];
  readonly awaiting: readonly number[];
}

interface RestoreRequest {
  readonly dataDir: string;
  readonly file: string;
  readonly by: Administrator;
  readonly now: Date;
  /** Whether to go on. */
  readonly confirm: (preview: RestorePreview) => Promise<boolean>;
}

/**
 * Replaces the journal, with its tokens, by a backup. The backup is verified and copied first; the present journal stays in the data directory under
 * another name. The restore is recorded in the restored chain. If the process is killed at any point, the present journal is still in use, or running
 * it again continues and nothing else uses the data directory until then.
 *
 * @returns `undefined` if it was not confirmed: then nothing was changed
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` if a service uses the data directory, the backup is not an intact journal that this version can read, or
 *   it cannot be copied
 */
export async function restoreJournal(request: RestoreRequest): Promise<Restoration | undefined> {
  const { dataDir, now } = request;
  const file = resolve(request.file);
  const lock = acquireServiceLock(dataDir, { pid: process.pid, startedAt: now });
  try {
    refuseHalfRenewed(dataDir);
    const restoration = interrupted(dataDir, file) ?? (await prepare({ ...request, file }));
    if (restoration) finish(dataDir, restoration);
    return restoration;
  } catch (error) {
    throw journalUnavailable(dataDir, error);
  } finally {
    lock.release();
  }
}

const draftPath = (dataDir: string): string => join(dataDir, `${DATABASE_FILE}.restoring`);

function removeDraft(dataDir: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draftPath(dataDir) + suffix, { force: true });
}

function interrupted(dataDir: string, file: string): Restoration | undefined {
  const restoration = interruptedRestoration(dataDir);
  if (!restoration || restoration.file === file) return restoration;
  throw journalRefused(
    dataDir,
    `the restore of ${restoration.file} was interrupted`,
    `Run "conntrack-api journal restore ${restoration.file}" first, which needs only what is in the data directory.`,
  );
}

/** Creates the restored journal beside the present one. */
async function prepare(request: RestoreRequest): Promise<Restoration | undefined> {
  const { dataDir } = request;
  removeDraft(dataDir);
  try {
    const restoration = await fillDraft(request);
    if (!restoration) removeDraft(dataDir);
    else syncFile(draftPath(dataDir));
    return restoration;
  } catch (error) {
    removeDraft(dataDir);
    throw error;
  }
}

async function fillDraft({ dataDir, file, by, now, confirm }: RestoreRequest): Promise<Restoration | undefined> {
  const altered = copyVerified(file, draftPath(dataDir));
  const draft = openFile(draftPath(dataDir));
  try {
    const present = presentJournal(dataDir);
    const preview = { ...previewOf(draft, present, now), altered };
    if (!(await confirm(preview))) return undefined;
    const about = {
      file,
      restored: preview.restored,
      replaced: present?.head ?? null,
      previousFile: hasJournal(dataDir) ? asideName(dataDir, now) : null,
    };
    const { sequence, hash } = draft.write((connection) => appendRecord(connection, restoreDraft({ ...about, by }, now)));
    return { ...about, head: { sequence, hash } };
  } finally {
    draft.close();
  }
}

/** @returns the altered tokens of the backup */
function copyVerified(file: string, draft: string): readonly AlteredToken[] {
  const backup = openBackup(file);
  try {
    backup.read((connection) => {
      refuseOtherMigrations(connection, file);
    });
    const { broken, alteredTokens = [] } = verifyChain(backup);
    if (broken) throw journalRefused(file, `record ${broken.sequence} is broken: ${broken.reason}`, 'Choose another backup.');
    writeSnapshot(backup, draft);
    return alteredTokens;
  } finally {
    backup.close();
  }
}

function openBackup(file: string): Database {
  const backup = openDatabaseReadOnly(file);
  try {
    requireTrustedFile(file);
    return backup;
  } catch (error) {
    backup.close();
    throw error;
  }
}

function previewOf(draft: Database, present: PresentJournal | undefined, now: Date): Omit<RestorePreview, 'altered'> {
  const journal = new SqliteJournal(draft);
  const tokens = storedTokens(draft);
  return {
    restored: head(draft),
    ...(present && { replaced: { head: present.head, ...(present.problem !== undefined && { problem: present.problem }) } }),
    returning: present ? returningTokens(tokens, present.tokens, now) : [],
    lost: present?.tokens ? lostTokens(tokens, present.tokens, now) : [],
    open: journal.pending().map(({ id }) => id),
    awaiting: journal.awaitingConfirmation().map(({ id }) => id),
  };
}

/** The plan comes first: from then on, no other command opens the present journal. */
function finish(dataDir: string, restoration: Restoration): void {
  const draft = draftPath(dataDir);
  saveRestoration(dataDir, restoration);
  if (existsSync(draft)) {
    try {
      requireUnused(dataDir, restoration);
    } catch (error) {
      endRestoration(dataDir);
      removeDraft(dataDir);
      throw error;
    }
    if (restoration.previousFile !== null) moveAside(dataDir, restoration.previousFile);
    renameSync(draft, join(dataDir, DATABASE_FILE));
  }
  endRestoration(dataDir);
}

/**
 * A command that had opened the present journal before could still write to it, and removes its -wal file by name when it ends, which would then be
 * that of the restored journal.
 */
function requireUnused(dataDir: string, { replaced }: Restoration): void {
  const path = join(dataDir, DATABASE_FILE);
  if (replaced === null || !existsSync(path)) return;
  try {
    const connection = exclusiveConnection(path);
    try {
      if (headOn(connection).hash !== replaced.hash)
        throw journalRefused(path, 'another command has changed it meanwhile', 'Run the command again.');
    } finally {
      connection.close();
    }
  } catch (error) {
    if (isLocked(error) || error instanceof ConntrackError) throw journalUnavailable(path, error);
    // It was readable, and cannot be opened for writing: renaming its files does not need that.
  }
}
