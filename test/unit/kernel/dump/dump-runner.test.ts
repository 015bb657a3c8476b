import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../../../src/domain/entry.ts';
import { EVERY_ENTRY, type Filter } from '../../../../src/domain/filter/filter.ts';
import { parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import type { DumpMessage, DumpOutput, DumpResult } from '../../../../src/kernel/dump/dump-job.ts';
import { DumpRunner } from '../../../../src/kernel/dump/dump-runner.ts';
import type { CountedPart } from '../../../../src/kernel/entries/summary/summary-builder.ts';
import { ListedSource } from './entry-stand-ins.ts';

const STREAM: DumpOutput = { kind: 'stream', format: 'ndjson' };
const BUFFER_BYTES = 8_192;

function start(
  source: ListedSource,
  output: DumpOutput,
  filter: Filter = EVERY_ENTRY,
  countPath?: string,
): { runner: DumpRunner; sent: DumpMessage[] } {
  const sent: DumpMessage[] = [];
  const job = {
    source: { kind: 'text', path: '' },
    bucketsPaths: [],
    filter,
    output,
    ...(countPath !== undefined && { countPath }),
  } as const;
  return {
    sent,
    runner: new DumpRunner(
      job,
      () => source,
      (message) => sent.push(message),
    ),
  };
}

/** Adds a buffer whenever the runner has none, until the pass ends. Returns the text of all chunks. */
function drain({ runner, sent }: ReturnType<typeof start>): string {
  let text = '';
  for (let hasEnded = false; !hasEnded;) {
    if (!runner.isReady()) runner.addBuffer(new ArrayBuffer(BUFFER_BYTES));
    hasEnded = runner.step();
    for (const message of sent) if (message.kind === 'chunk') text += Buffer.from(message.buffer, 0, message.length).toString();
    if (!hasEnded) sent.length = 0;
  }
  return text;
}

const PORTS = Array.from({ length: 500 }, (_, index) => index + 1);

describe('a stream', () => {
  it('contains every entry once, in whole lines, whatever the size of the buffers', () => {
    const source = new ListedSource(PORTS);
    const run = start(source, STREAM);
    const lines = drain(run).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Entry).original.sourcePort)).toEqual(PORTS);
    expect(run.sent.at(-1)).toMatchObject({ kind: 'end', outcome: 'complete', tally: { entries: 500, scanned: 500, unparsed: 0 } });
    expect(source.isOpen).toBe(false);
  });

  it('is not ready without a buffer, and pauses when the last one is full', () => {
    const { runner, sent } = start(new ListedSource(PORTS), STREAM);
    expect(runner.isReady()).toBe(false);
    runner.addBuffer(new ArrayBuffer(BUFFER_BYTES));
    while (runner.isReady()) expect(runner.step()).toBe(false);
    expect(sent.map(({ kind }) => kind)).toEqual(['chunk']);
    expect(sent[0]).toHaveProperty(['tally', 'entries'], expect.any(Number));
    const { tally, length } = sent[0] as DumpMessage & { readonly kind: 'chunk' };
    expect(length).toBeLessThanOrEqual(BUFFER_BYTES);
    expect(tally.entries).toBeLessThan(100);
    expect(tally.scanned).toBe(tally.entries);
  });

  it('counts the entries scanned and those that cannot be parsed', () => {
    const run = start(new ListedSource([1, undefined, 2, undefined, 3]), STREAM, parseFilter('sourcePort>=2'));
    drain(run);
    expect(run.sent.at(-1)).toMatchObject({ tally: { entries: 2, scanned: 3, unparsed: 2 } });
  });

  it('reports a read error after all entries that were read before', () => {
    const source = new ListedSource(PORTS, new Error('ctnetlink dump: no buffer space available (ENOBUFS)'));
    const run = start(source, STREAM);
    expect(drain(run).trimEnd().split('\n')).toHaveLength(500);
    const reason = 'reading failed: ctnetlink dump: no buffer space available (ENOBUFS)';
    expect(run.sent.at(-1)).toMatchObject({ kind: 'end', outcome: 'interrupted', reason, tally: { entries: 500 } });
    expect(source.isOpen).toBe(false);
  });
});

describe('a limit', () => {
  it('ends a stream at that many entries, as truncated', () => {
    const run = start(new ListedSource(PORTS), { ...STREAM, limit: 40 });
    expect(drain(run).trimEnd().split('\n')).toHaveLength(40);
    expect(run.sent.at(-1)).toMatchObject({ kind: 'end', outcome: 'truncated', tally: { entries: 40 } });
  });

  it('does not truncate if there are no more entries', () => {
    const run = start(new ListedSource(PORTS), { ...STREAM, limit: PORTS.length });
    expect(drain(run).trimEnd().split('\n')).toHaveLength(PORTS.length);
    expect(run.sent.at(-1)).toMatchObject({ kind: 'end', outcome: 'complete', tally: { entries: PORTS.length } });
  });
});

describe('a count', () => {
  it('needs no buffers and returns only a number', () => {
    const run = start(new ListedSource([...PORTS, undefined]), { kind: 'count' }, parseFilter('sourcePort<=40'));
    expect(run.runner.isReady()).toBe(true);
    drain(run);
    expect(run.sent).toMatchObject([{ kind: 'end', result: {}, tally: { entries: 40, scanned: 500, unparsed: 1 } }]);
  });
});

const resultOf = ({ sent }: ReturnType<typeof start>): DumpResult => (sent.at(-1) as DumpMessage & { readonly kind: 'end' }).result;

describe('a sampled summary', () => {
  let directory: string;
  let count: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sampled-'));
    count = join(directory, 'count');
    await writeFile(count, '512\n');
  });
  afterEach(() => rm(directory, { recursive: true }));
  const sampleOf = (sample: number): DumpOutput => {
    return { kind: 'summary', request: { by: ['sourcePort'], top: 1000, orderBy: 'entries', sample }, part: 0, parts: 1 };
  };

  it('reads exactly that many entries, and estimates from the count when it began', async () => {
    const source = new ListedSource(PORTS);
    const run = start(source, sampleOf(40), EVERY_ENTRY, count);
    await writeFile(count, '900\n');
    drain(run);
    expect(run.sent).toMatchObject([{ kind: 'end', outcome: 'truncated', tally: { entries: 40, scanned: 40 } }]);
    expect(resultOf(run).summary).toMatchObject({
      entries: 40,
      sample: { size: 40, entries: 512, exact: false, confidence: 0.95 },
      estimate: { share: 1, entries: 512, high: 512 },
    });
    expect(resultOf(run).summary?.keys[0]?.top.map(({ sourcePort }) => sourcePort)).toEqual(PORTS.slice(0, 40));
    expect(source.isOpen).toBe(false);
  });

  it('counts the entries that do not match as read', () => {
    const run = start(new ListedSource(PORTS), sampleOf(40), parseFilter('sourcePort=31-400'), count);
    drain(run);
    expect(run.sent).toMatchObject([{ tally: { entries: 10, scanned: 40 } }]);
    expect(resultOf(run).summary).toMatchObject({ entries: 10, sample: { size: 40 }, estimate: { share: 0.25, entries: 128 } });
  });

  it('is exact, without estimates, if there are no more entries', () => {
    const run = start(new ListedSource(PORTS), sampleOf(PORTS.length), EVERY_ENTRY, count);
    drain(run);
    expect(run.sent).toMatchObject([{ outcome: 'complete' }]);
    expect(resultOf(run).summary?.sample).toEqual({ size: 500, entries: 512, exact: true, confidence: 0.95 });
    expect(resultOf(run).summary).not.toHaveProperty('estimate');
  });

  it('assumes at least as many entries as it has seen, if the table grew', async () => {
    await writeFile(count, '7\n');
    const run = start(new ListedSource(PORTS), sampleOf(40), EVERY_ENTRY, count);
    drain(run);
    expect(resultOf(run).summary?.sample).toMatchObject({ size: 40, entries: 41, exact: false });
  });

  it('is interrupted if the count cannot be read, unless it is exact', () => {
    const run = start(new ListedSource(PORTS), sampleOf(40), EVERY_ENTRY, join(directory, 'absent'));
    drain(run);
    expect(run.sent).toMatchObject([{ outcome: 'interrupted', reason: expect.stringContaining('number of entries') as unknown }]);
    const whole = start(new ListedSource(PORTS), sampleOf(1_000), EVERY_ENTRY, join(directory, 'absent'));
    drain(whole);
    expect(whole.sent).toMatchObject([{ outcome: 'complete', result: { summary: { sample: { size: 500, entries: 500, exact: true } } } }]);
  });
});

describe('a summary in parts', () => {
  const REQUEST = { by: ['sourcePort'], top: 1000, orderBy: 'entries' } as const;
  const output = (part: number, parts: number): DumpOutput => ({ kind: 'summary', request: REQUEST, part, parts });
  const countedBy = (ports: readonly number[]): CountedPart => {
    const other = start(new ListedSource(ports), output(1, 2));
    drain(other);
    return resultOf(other).counted ?? expect.fail('nothing was counted');
  };
  /** Runs as far as it gets without the other part. */
  const proceed = ({ runner }: ReturnType<typeof start>): void => {
    while (runner.isReady()) expect(runner.step()).toBe(false);
  };

  it('waits at its end for the other part, and returns the summary of both', () => {
    const first = start(new ListedSource(PORTS), output(0, 2));
    proceed(first);
    expect(first.sent).toEqual([]);
    first.runner.addPart(countedBy([7, 7, 1_000]));
    expect(first.runner.isReady()).toBe(true);
    expect(first.runner.step()).toBe(true);
    const whole = start(new ListedSource([...PORTS, 7, 7, 1_000]), output(0, 1));
    drain(whole);
    expect(resultOf(first)).toEqual(resultOf(whole));
    // The pass adds the tallies of the parts.
    expect(first.sent).toMatchObject([{ kind: 'end', outcome: 'complete', tally: { entries: 500 } }]);
  });

  it('does not wait if the other part was faster', () => {
    const first = start(new ListedSource(PORTS), output(0, 2));
    first.runner.addPart(countedBy([1_000]));
    drain(first);
    expect(resultOf(first).summary).toMatchObject({ entries: 501, keys: [{ distinct: 501 }] });
  });

  it('closes its source if it is stopped while it waits', () => {
    const source = new ListedSource(PORTS);
    const first = start(source, output(0, 2));
    proceed(first);
    first.runner.close();
    expect(source.isOpen).toBe(false);
    expect(first.sent).toEqual([]);
  });

  it('does not wait for the other part if reading fails', () => {
    const first = start(new ListedSource(PORTS, new Error('no buffer space available')), output(0, 2));
    drain(first);
    expect(first.sent).toMatchObject([{ kind: 'end', outcome: 'interrupted', reason: 'reading failed: no buffer space available' }]);
  });
});
