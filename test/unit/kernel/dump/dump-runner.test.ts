import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../../src/domain/entry.ts';
import { EVERY_ENTRY, type Filter } from '../../../../src/domain/filter/filter.ts';
import { parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import type { DumpMessage, DumpOutput } from '../../../../src/kernel/dump/dump-job.ts';
import { DumpRunner } from '../../../../src/kernel/dump/dump-runner.ts';
import { ListedSource } from './entry-stand-ins.ts';

const STREAM: DumpOutput = { kind: 'stream', format: 'ndjson' };
const BUFFER_BYTES = 8_192;

function start(source: ListedSource, output: DumpOutput, filter: Filter = EVERY_ENTRY): { runner: DumpRunner; sent: DumpMessage[] } {
  const sent: DumpMessage[] = [];
  const job = { source: { kind: 'text', path: '' }, bucketsPaths: [], filter, output } as const;
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
