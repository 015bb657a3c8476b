import { once } from 'node:events';
import type { ExportFlags, VerifyFlags } from './command-flags.ts';
import { exportRecords, verifyChain } from '../journal/record/chain.ts';
import { startNewJournal } from '../journal/new-journal.ts';
import { openDatabaseReadOnly } from '../journal/read-only.ts';

export function verifyJournal({ dataDir, file, anchor }: VerifyFlags): void {
  const database = openDatabaseReadOnly(file ?? dataDir);
  const { records, head, broken, alteredTokens = [] } = verifyChain(database, anchor);
  database.close();
  const lines = alteredTokens.map(({ id, difference }) => `ALTERED token ${id}: ${difference}`);
  if (broken) lines.unshift(`BROKEN at record ${broken.sequence}: ${broken.reason}`);
  else lines.unshift(`${records} records, unbroken, head ${head.sequence}:${head.hash}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (broken || alteredTokens.length > 0) process.exitCode = 1;
}

export async function exportJournal({ dataDir, file }: ExportFlags): Promise<void> {
  const database = openDatabaseReadOnly(file ?? dataDir);
  for (const line of exportRecords(database)) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
  database.close();
}

export function renewJournal({ dataDir }: { readonly dataDir: string }): void {
  const { previousFile, previousHead, reason, head } = startNewJournal(dataDir, new Date());
  const old = previousHead ? `${previousHead.sequence}:${previousHead.hash}` : 'unreadable';
  process.stdout.write(`Renamed the old journal to ${previousFile} (reason: ${reason}; head: ${old}).\n`);
  process.stdout.write(
    `Created a new journal, head ${head.sequence}:${head.hash}. It has no tokens: create one with conntrack-api token create.\n`,
  );
}
