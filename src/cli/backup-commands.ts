import { createInterface } from 'node:readline/promises';
import type { JournalHead } from '../application/ports/journal.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { backUpJournal } from '../journal/backup-journal.ts';
import { restoreJournal, type RestorePreview } from '../journal/restore-journal.ts';
import type { BackupFlags, RestoreFlags } from './command-flags.ts';
import { commandLineUser } from './command-line-user.ts';

export function backUp(to: string, { dataDir, force, json }: BackupFlags): void {
  const { file, head, records, bytes, alteredTokens } = backUpJournal({ dataDir, to, force });
  for (const { id, difference } of alteredTokens) process.stderr.write(`The backup contains an ALTERED token ${id}: ${difference}.\n`);
  if (json) print(JSON.stringify({ file, sequence: head.sequence, hash: head.hash, records, bytes }));
  else print(`${file}: ${records} records, unbroken, head ${textOf(head)}, ${bytes} bytes.`);
}

export async function restore(file: string, { dataDir, yes }: RestoreFlags): Promise<void> {
  const restored = await restoreJournal({
    dataDir,
    file,
    by: commandLineUser(),
    now: new Date(),
    confirm: (preview) => isConfirmed(preview, yes === true),
  });
  if (!restored) {
    print('Nothing was changed.');
    process.exitCode = 1;
    return;
  }
  print(`Restored ${restored.file}, head ${textOf(restored.restored)}. The restore is record ${textOf(restored.head)}.`);
  if (restored.previousFile !== null) print(`The replaced journal is ${restored.previousFile} in ${dataDir}.`);
}

async function isConfirmed(preview: RestorePreview, isYes: boolean): Promise<boolean> {
  const lines = linesOf(preview);
  if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
  if (isYes || !preview.replaced) return true;
  if (!process.stdin.isTTY) {
    throw new ConntrackError('INVALID_REQUEST', 'The restore replaces a journal and was not confirmed. Nothing was changed.', {
      remedy: 'Check the lines above, and repeat with --yes.',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Replace the present journal? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}

function linesOf({ restored, replaced, returning, lost, altered, open, awaiting }: RestorePreview): readonly string[] {
  const lines = [`The backup ends with record ${textOf(restored)}.`];
  if (replaced?.head)
    lines.push(`The present journal ends with record ${textOf(replaced.head)}. Records that only it has leave the chain.`);
  else if (replaced) lines.push(`The present journal cannot be read: ${replaced.problem ?? 'unknown'}`);
  for (const { id, name, scopes, now } of returning) {
    lines.push(`Token ${id} (${name}: ${scopes.join(',')}) becomes valid as in the backup. State in the present journal: ${now}.`);
  }
  for (const { id, name } of lost) lines.push(`Token ${id} (${name}) does not exist in the backup and becomes invalid.`);
  for (const { id, difference } of altered) lines.push(`Token ${id} of the backup was ALTERED and is refused: ${difference}.`);
  for (const id of open) lines.push(`Change ${id} of the backup has no outcome: the service records what it finds when it starts.`);
  for (const id of awaiting)
    lines.push(`Change ${id} of the backup awaits confirmation: the service reverts it after its window, unless it is confirmed.`);
  return lines;
}

function textOf({ sequence, hash }: JournalHead): string {
  return `${sequence}:${hash}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
