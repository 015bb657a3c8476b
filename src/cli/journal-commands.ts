import type { ArchiveFlags, VerifyFlags } from './command-flags.ts';
import { commandLineUser } from './command-line-user.ts';
import { archiveJournal, type ArchiveResult } from '../journal/archive/archive-journal.ts';
import { selectPrefix, type ArchiveLimits, type Selection } from '../journal/archive/select-prefix.ts';
import { verifyArchives } from '../journal/archive/verify-archives.ts';
import { verifyChain } from '../journal/record/chain.ts';
import { startNewJournal } from '../journal/new-journal.ts';
import { openDatabase } from '../journal/open-database.ts';
import { openDatabaseReadOnly } from '../journal/read-only.ts';

export function verifyJournal({ dataDir, file, anchor, archive = [] }: VerifyFlags): void {
  const database = openDatabaseReadOnly(file ?? dataDir);
  try {
    const archives = archive.length > 0 ? verifyArchives(database, archive, anchor) : undefined;
    const { records, head, broken, archived, alteredTokens = [] } = verifyChain(database, archives?.hasAnchor ? undefined : anchor);
    const lines = alteredTokens.map(({ id, difference }) => `ALTERED token ${id}: ${difference}`);
    if (broken) lines.unshift(`BROKEN at record ${broken.sequence}: ${broken.reason}`);
    else lines.unshift(`${records} records, unbroken, head ${head.sequence}:${head.hash}`);
    if (archives?.broken !== undefined) lines.unshift(`BROKEN in the archives: ${archives.broken}`);
    else if (archives) lines.unshift(`${archives.records} archived records, unbroken, continued by the database`);
    else if (archived)
      lines.push(`Continues record ${archived.through.sequence}, the last of ${archived.file}: verify it too with --archive.`);
    process.stdout.write(`${lines.join('\n')}\n`);
    if (broken || archives?.broken !== undefined || alteredTokens.length > 0) process.exitCode = 1;
  } finally {
    database.close();
  }
}

export function archiveRecords({ dataDir, to, olderThan, keep, dryRun }: ArchiveFlags): void {
  const now = new Date();
  const limits: ArchiveLimits = {
    ...(olderThan !== undefined && { before: new Date(now.getTime() - olderThan * 1_000) }),
    ...(keep !== undefined && { keep }),
  };
  const database = dryRun ? openDatabaseReadOnly(dataDir) : openDatabase(dataDir);
  try {
    const lines = dryRun
      ? [
          described(
            database.read((connection) => selectPrefix(connection, limits, now)),
            'Would archive',
          ),
        ]
      : reported(archiveJournal(database, { ...limits, to, by: commandLineUser(), now }), to);
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    database.close();
  }
}

function described({ prefix, blockedBy }: Selection, verb: string): string {
  const why = blockedBy === undefined ? '' : ` Later changes stay: ${blockedBy}.`;
  if (!prefix) return `Nothing to archive.${why}`;
  const { start, through, previousChange, change } = prefix;
  return `${verb} changes ${previousChange + 1} to ${change} (records ${start.sequence + 1} to ${through.sequence}).${why}`;
}

function reported(result: ArchiveResult, to: string): readonly string[] {
  const { archive, completed, notShrunk, bytes } = result;
  const lines = completed === undefined ? [] : [`Completed the interrupted archive ${completed}.`];
  lines.push(described(result, 'Archived'));
  if (archive) {
    const { through, records, sha256, kept } = archive;
    lines.push(
      `${to}: ${records} records, verified, head ${through.sequence}:${through.hash}, SHA-256 ${sha256}.`,
      `Keep the file: these changes cannot be rolled back any more, and only it contains them. The database still has ${kept.length} of their records, the newest of each setting.`,
    );
  }
  if (archive ?? completed) lines.push(`The database shrank from ${bytes[0]} to ${bytes[1]} bytes.`);
  if (notShrunk !== undefined) lines.push(`Its free space could not be returned to the file system: ${notShrunk}`);
  return lines;
}

export function renewJournal({ dataDir }: { readonly dataDir: string }): void {
  const { previousFile, previousHead, reason, head } = startNewJournal(dataDir, new Date());
  const old = previousHead ? `${previousHead.sequence}:${previousHead.hash}` : 'unreadable';
  process.stdout.write(`Renamed the old journal to ${previousFile} (reason: ${reason}; head: ${old}).\n`);
  process.stdout.write(
    `Created a new journal, head ${head.sequence}:${head.hash}. It has no tokens: create one with conntrack-api token create.\n`,
  );
}
