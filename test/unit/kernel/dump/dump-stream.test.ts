import { describe, expect, it } from 'vitest';
import type { StreamFormat } from '../../../../src/domain/entry.ts';
import type { PassEnd } from '../../../../src/kernel/dump/dump-pass.ts';
import { DumpStream, type StreamTimeouts } from '../../../../src/kernel/dump/dump-stream.ts';
import { chunk, end, passOf, tally, type Parts } from './part-stand-ins.ts';

const LONG = { chunkMilliseconds: 60_000, totalMilliseconds: 900_000 };

function streamOf({ pass, given }: Parts, format: StreamFormat = 'ndjson', timeouts: StreamTimeouts = LONG): DumpStream {
  const summarise = ({ outcome, tally: counts, reason }: PassEnd) => ({
    outcome,
    ...counts,
    source: 'ctnetlink',
    filteredByKernel: false,
    ...(reason !== undefined && { reason }),
  });
  return new DumpStream(pass, given.length, format, summarise, timeouts);
}

async function next(stream: DumpStream): Promise<string> {
  const { done, value } = await stream.next();
  return done === true ? 'done' : Buffer.from(value).toString();
}

describe('a dump stream', () => {
  it('is the header, the chunks of all parts, and the trailer', async () => {
    const parts = passOf(2);
    const stream = streamOf(parts, 'csv');
    parts.send(0, chunk('first\n', 1));
    parts.send(1, chunk('second\n', 1));
    parts.send(1, end(tally(1)));
    parts.send(0, end(tally(1)));
    expect(await next(stream)).toMatch(/^id,family,.*\r\n$/);
    expect([await next(stream), await next(stream)]).toEqual(['first\n', 'second\n']);
    expect(await next(stream)).toMatch(/^# complete entries=2 scanned=2 unparsed=0 /);
    expect([await next(stream), await next(stream)]).toEqual(['done', 'done']);
  });

  it('gives each part the same number of buffers, and returns a buffer only when the next chunk is requested', async () => {
    const parts = passOf(2);
    const stream = streamOf(parts);
    const buffers = parts.given.map(({ length }) => length);
    expect(buffers[0]).toBe(buffers[1]);
    const only = chunk('a\n', 1);
    parts.send(1, only);
    parts.send(1, chunk('b\n', 2));
    await stream.next();
    expect(parts.given[1]).not.toContain(only.buffer);
    await stream.next();
    expect(parts.given[1]).toContain(only.buffer);
    expect(parts.given.map(({ length }) => length)).toEqual([buffers[0], (buffers[1] ?? 0) + 1]);
  });

  it.each([
    ['before the first chunk', 0],
    ['after a chunk', 1],
  ])('stops the parts at once when it is closed %s', async (_, taken) => {
    const parts = passOf(1);
    const stream = streamOf(parts);
    parts.send(0, chunk('a\n', 1));
    for (let count = 0; count < taken; count += 1) await stream.next();
    await stream.return();
    expect(parts.stopped).toEqual([true]);
    expect(await next(stream)).toBe('done');
  });

  it('has no trailer if it is closed while a chunk is awaited', async () => {
    const parts = passOf(1);
    const stream = streamOf(parts);
    const awaited = stream.next();
    await stream.return();
    expect(await awaited).toEqual({ done: true, value: undefined });
  });

  it('is interrupted if the client does not read in time, and its trailer counts what the client has read', async () => {
    const parts = passOf(1);
    const stream = streamOf(parts, 'ndjson', { ...LONG, chunkMilliseconds: 20 });
    parts.send(0, chunk('a\n', 3));
    parts.send(0, chunk('b\n', 5));
    await stream.next();
    await parts.pass.ended;
    expect(parts.stopped).toEqual([true]);
    const { trailer } = JSON.parse(await next(stream)) as { readonly trailer: unknown };
    expect(trailer).toMatchObject({ outcome: 'interrupted', entries: 3, reason: 'no chunk was taken for 0.02 s' });
  });

  it('waits for the kernel without a limit: the timeout is for the consumer only', async () => {
    const parts = passOf(1);
    const stream = streamOf(parts, 'ndjson', { ...LONG, chunkMilliseconds: 20 });
    const awaited = next(stream);
    await new Promise((resolve) => setTimeout(resolve, 60));
    parts.send(0, chunk('a\n', 1));
    expect(await awaited).toBe('a\n');
    await stream.return();
  });
});
