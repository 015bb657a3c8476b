import { join } from 'node:path';
import { expect, it } from 'vitest';
import { THIS_SERVICE } from '../../../src/application/ports/tokens.ts';
import { GUARD_DEFAULTS } from '../../../src/domain/guard/guard-config.ts';
import { archiveJournal } from '../../../src/journal/archive/archive-journal.ts';
import { verifyChain } from '../../../src/journal/record/chain.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { intent } from '../../support/intent.ts';
import { applied } from './changes.ts';
import { openJournalDatabase, temporaryDirectory } from './support.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const NIGHT_SHIFT = { tokenId: 'a1b2c3d4e5f6', name: 'night-shift', peer: 'local' };

it('an archive leaves the configuration of the guard, and the changes of max since then, from which it follows whether the guard has stopped', () => {
  const dataDir = temporaryDirectory();
  const database = openJournalDatabase(dataDir);
  const journal = new SqliteJournal(database);
  const set = (before: number, requested: number, actor = NIGHT_SHIFT): number => {
    const id = journal.open(intent({ settings: [{ name: 'max', before, requested }], startedAt: NOW, actor }));
    journal.close(id, applied({ max: requested }));
    return id;
  };
  for (let value = 1; value <= 4; value += 1) set(value, value + 1);
  journal.configureGuard({ ...GUARD_DEFAULTS, enabled: true, factor: 1.25 }, { actor: NIGHT_SHIFT, requestId: null }, NOW);
  const raised = set(100, 125, { tokenId: 'guard', name: 'guard', peer: 'local' });
  const lowered = set(125, 100);
  set(100, 110);
  archiveJournal(database, { keep: 0, to: join(dataDir, 'archive.ndjson'), by: THIS_SERVICE, now: NOW });
  expect(journal.guard()).toMatchObject({ afterChange: 4, config: { enabled: true, factor: 1.25 } });
  expect([journal.get(raised).actor.name, journal.get(lowered).actor.name]).toEqual(['guard', 'night-shift']);
  expect(verifyChain(database)).not.toHaveProperty('broken');
});
