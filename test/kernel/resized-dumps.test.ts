import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DumpSummary } from '../../src/domain/entry.ts';
import { EVERY_ENTRY } from '../../src/domain/filter/filter.ts';
import { HostEntries } from '../../src/kernel/dump/host-entries.ts';
import { NamedNamespaces } from '../../src/kernel/named-namespaces.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { makeEntries } from './support/made-entries.ts';
import { host, NetworkNamespace } from './support/network-namespace.ts';

let namespace: NetworkNamespace;
let entries: HostEntries;
let buckets: number;

beforeAll(async () => {
  namespace = await NetworkNamespace.create('resized');
  await makeEntries(namespace, 40_000);
  entries = new HostEntries('/', new TableGate(), new NamedNamespaces('/', true));
  buckets = await host.readSysctl('buckets');
});

afterAll(async () => {
  await host.writeSysctl('buckets', buckets);
  await entries.close();
  await namespace.delete();
});

/** Streams the table; `meanwhile` runs after the first chunk. */
async function trailerOf(meanwhile: () => Promise<void>): Promise<DumpSummary> {
  const stream = await entries.stream(EVERY_ENTRY, 'ndjson', { namespace: namespace.name });
  let text = '';
  for await (const chunk of stream) {
    if (text === '') await meanwhile();
    text += Buffer.from(chunk).toString('latin1');
  }
  return (JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as { readonly trailer: DumpSummary }).trailer;
}

describe('a dump during which another process resizes the table', () => {
  it('is complete without a resize, however slow its client', async () => {
    const count = await namespace.readSysctl('count');
    expect(await trailerOf(() => sleep(500))).toMatchObject({ outcome: 'complete', entries: count });
  });

  it.each([
    ['smaller', 0.5],
    ['larger', 2],
  ])('is `resized` after a resize there (%s) and back', async (_, factor) => {
    const trailer = await trailerOf(async () => {
      await host.writeSysctl('buckets', Math.ceil((buckets * factor) / 512) * 512);
      await host.writeSysctl('buckets', buckets);
    });
    expect(await host.readSysctl('buckets')).toBe(buckets);
    expect(trailer.outcome).toBe('resized');
  });

  it('is complete again afterwards', async () => {
    expect((await trailerOf(() => Promise.resolve())).outcome).toBe('complete');
  });
});
