import { describe, expect, it } from 'vitest';
import { verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { intent } from '../../support/intent.ts';
import { openJournalDatabase, startChild, temporaryDirectory, type Child } from './support.ts';

/** Kills the child after at least `lines` lines, and returns all lines that it printed. */
async function killAfter(child: Child, lines: number): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let line = await child.lines.next(); !line.done; line = await child.lines.next()) {
    ids.push(Number(line.value));
    if (ids.length === lines) child.process.kill('SIGKILL');
  }
  return ids;
}

describe('the journal with several processes', () => {
  it('keeps every change whose open returned if the process is killed', async () => {
    const dataDir = temporaryDirectory();
    const printed: number[] = [];
    for (const lines of [1, 20, 57]) printed.push(...(await killAfter(startChild('open-changes', [dataDir]), lines)));

    const database = openJournalDatabase(dataDir);
    const journal = new SqliteJournal(database);
    const kept = journal.list({}, Number.MAX_SAFE_INTEGER).map(({ id }) => id);
    expect(printed.length).toBeGreaterThanOrEqual(78);
    expect(kept).toEqual(expect.arrayContaining(printed));
    expect(kept.length - printed.length).toBeLessThanOrEqual(3);
    expect(verifyChain(database).broken).toBeUndefined();
  });

  it('waits while another process writes', async () => {
    const dataDir = temporaryDirectory();
    const journal = new SqliteJournal(openJournalDatabase(dataDir));
    const writer = startChild('hold-write-lock', [dataDir, '500']);
    await writer.lines.next();
    expect(journal.open(intent())).toBe(2);
    expect(journal.get(1).requestId).toBe('the slow one');
  });

  it('writes one chain when several processes record concurrently, from the first start', async () => {
    const dataDir = temporaryDirectory();
    const writers = [1, 2, 3].map(() => startChild('open-changes', [dataDir, '100']));
    for (const { exited } of writers) expect(await exited).toEqual({ code: 0, errors: '' });
    expect(verifyChain(openJournalDatabase(dataDir))).toMatchObject({ records: 450, head: { sequence: 450 } });
  });
});
