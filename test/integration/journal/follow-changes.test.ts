import { expect, it } from 'vitest';
import { FollowedChanges } from '../../../src/application/change/follow-changes.ts';
import type { Intent } from '../../../src/domain/change.ts';
import { SqliteJournal } from '../../../src/journal/record/sqlite-journal.ts';
import { intent } from '../../support/intent.ts';
import { applied } from './changes.ts';
import { openJournalDatabase, temporaryDirectory } from './support.ts';

function fixture() {
  const database = openJournalDatabase(temporaryDirectory());
  const journal = new SqliteJournal(database);
  const open = (parts: Partial<Intent> = {}): number =>
    journal.open(intent({ settings: [{ name: 'max', before: 1, requested: 2 }], ...parts }));
  const close = (id: number): void => {
    journal.close(id, applied({ max: 2 }));
  };
  const many = (count: number): void => {
    database.write(() => {
      for (let made = 0; made < count; made += 1) close(open());
    });
  };
  return { journal, open, close, many };
}

const numbers = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

it('hands on each change after the given one once, oldest first, and serves others between its pages', async () => {
  const { journal, many } = fixture();
  many(123);
  const ids: number[] = [];
  const followed = new FollowedChanges(journal, 3, ({ id }) => ids.push(id));
  let seenBetween = 0;
  setImmediate(() => (seenBetween = ids.length));
  await Promise.all([followed.catchUp(), followed.catchUp()]);
  expect(ids).toEqual(numbers(4, 123));
  expect(seenBetween).toBeGreaterThan(0);
  expect(seenBetween).toBeLessThan(120);
  many(2);
  await followed.catchUp();
  await followed.catchUp();
  expect(ids).toEqual(numbers(4, 125));
});

it('hands on a change when it has ended, and those after it then', async () => {
  const { journal, open, close } = fixture();
  const ids: number[] = [];
  const followed = new FollowedChanges(journal, 0, ({ id }) => ids.push(id));
  close(open());
  const pending = open();
  await followed.catchUp();
  expect(ids).toEqual([1]);
  close(pending);
  close(open());
  await followed.catchUp();
  expect(ids).toEqual([1, 2, 3]);
});

it('omits changes of other network namespaces', async () => {
  const { journal, open, close } = fixture();
  const ids: number[] = [];
  const followed = new FollowedChanges(journal, 0, ({ id }) => ids.push(id));
  close(open({ namespace: { name: 'blue', identity: 'boot 4026532177' } }));
  close(open());
  await followed.catchUp();
  expect(ids).toEqual([2]);
});
