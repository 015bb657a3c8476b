import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { EntriesOf, type Streamed } from './support/host-entries.ts';
import { churn, makeEntries } from './support/made-entries.ts';
import { NetworkNamespace } from './support/network-namespace.ts';

const STABLE = 5_000;
const PER_SECOND = 20_000;
const SECONDS = 6;

let namespace: NetworkNamespace;
let entries: EntriesOf;
let stable: ReadonlySet<string>;
const dumps: Streamed[] = [];
let created: number;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('churn');
  entries = new EntriesOf(namespace);
  await makeEntries(namespace, STABLE);
  stable = new Set((await entries.stream(EVERY_ENTRY)).ids);
  const changing = await churn(namespace, PER_SECOND);
  const begun = performance.now();
  while (performance.now() - begun < SECONDS * 1_000) dumps.push(await entries.stream(EVERY_ENTRY));
  created = await changing.end();
});

afterAll(async () => {
  await entries.close();
  await namespace.delete();
});

describe('dumps of a table that changes 20,000 times a second', () => {
  it('were taken while the table changed', () => {
    expect(stable.size).toBe(STABLE);
    expect(created).toBeGreaterThan((PER_SECOND * SECONDS) / 2);
    expect(dumps.length).toBeGreaterThan(3);
    const passing = dumps.map(({ ids }) => ids.filter((id) => !stable.has(id)));
    expect(new Set(passing.flat()).size).toBeGreaterThan(PER_SECOND);
  });

  it('contain each entry that existed throughout exactly once, although two threads read a part each', () => {
    for (const { ids } of dumps) {
      const lasting = ids.filter((id) => stable.has(id));
      expect(lasting).toHaveLength(STABLE);
      expect(new Set(lasting).size).toBe(STABLE);
    }
  });

  it('all complete, with correct trailers', () => {
    for (const { lines, trailer } of dumps) {
      expect(trailer).toEqual({
        ...{ outcome: 'complete', entries: lines.length, scanned: lines.length, unparsed: 0 },
        ...{ source: 'ctnetlink', filteredByKernel: false },
      });
    }
  });

  it('leave the table unchanged', async () => {
    expect(new Set((await entries.stream(EVERY_ENTRY)).ids)).toEqual(stable);
  });
});
