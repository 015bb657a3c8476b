import { describe, expect, it } from 'vitest';
import type { StreamFormat } from '../../../../src/domain/entry.ts';
import type { PassEnd } from '../../../../src/kernel/dump/dump-pass.ts';
import { DumpStream, type Patience } from '../../../../src/kernel/dump/dump-stream.ts';
import { chunk, end, passOf, tally, type Parts } from './part-stand-ins.ts';

const PATIENT = { chunkMilliseconds: 60_000, wholeMilliseconds: 900_000 };

function streamOf({ pass, given }: Parts, format: StreamFormat = 'ndjson', patience: Patience = PATIENT): DumpStream {
  const summarise = ({ outcome, tally: counts, reason }: PassEnd) => ({
    outcome,
    ...counts,
    source: 'ctnetlink',
    filteredByKernel: false,
    ...(reason !== undefined && { reason }),
  });
  return new DumpStream(pass, given.length, format, summarise, patience);
}

async function next(stream: DumpStream): Promise<string> {
  const { done, value } = await stream.next();
  return done === true ? 'done' : Buffer.from(value).toString();
}

describe('the stream of a dump', () => {
  it('is the header, the chunks of all parts, and the trailer', async () => {
    const parts = passOf(2);
    const stream = streamOf(parts, 'csv');
    parts.say(0, chunk('first\n', 1));
    parts.say(1, chunk('second\n', 1));
    parts.say(1, end(tally(1)));
    parts.say(0, end(tally(1)));
    expect(await next(stream)).toMatch(/^id,family,.*\r\n$/);
    expect([await next(stream), await next(stream)]).toEqual(['first\n', 'second\n']);
    expect(await next(stream)).toMatch(/^# complete entries=2 scanned=2 unparsed=0 /);
    expect([await next(stream), await next(stream)]).toEqual(['done', 'done']);
  });

  it('gives each part the same number of buffers, and one back only when the next chunk is asked for', async () => {
    const parts = passOf(2);
    const stream = streamOf(parts);
    const buffers = parts.given.map(({ length }) => length);
    expect(buffers[0]).toBe(buffers[1]);
    const only = chunk('a\n', 1);
    parts.say(1, only);
    parts.say(1, chunk('b\n', 2));
    await stream.next();
    expect(parts.given[1]).not.toContain(only.buffer);
    await stream.next();
    expect(parts.given[1]).toContain(only.buffer);
    expect(parts.given.map(({ length }) => length)).toEqual([buffers[0], (buffers[1] ?? 0) + 1]);
  });

  it.each([
    ['before the first chunk', 0],
    ['after a chunk', 1],
  ])('frees the parts at once when it is left %s', async (_, taken) => {
    const parts = passOf(1);
    const stream = streamOf(parts);
    parts.say(0, chunk('a\n', 1));
    for (let count = 0; count < taken; count += 1) await stream.next();
    await stream.return();
    expect(parts.stopped).toEqual([true]);
    expect(await next(stream)).toBe('done');
  });

  it('has no trailer where it is left while a chunk is awaited', async () => {
    const parts = passOf(1);
    const stream = streamOf(parts);
    const awaited = stream.next();
    await stream.return();
    expect(await awaited).toEqual({ done: true, value: undefined });
  });

  it('is interrupted where it is not taken for too long, and its trailer counts what was', async () => {
    const parts = passOf(1);
    const stream = streamOf(parts, 'ndjson', { ...PATIENT, chunkMilliseconds: 20 });
    parts.say(0, chunk('a\n', 3));
    parts.say(0, chunk('b\n', 5));
    await stream.next();
    await parts.pass.ended;
    expect(parts.stopped).toEqual([true]);
    const { trailer } = JSON.parse(await next(stream)) as { readonly trailer: unknown };
    expect(trailer).toMatchObject({ outcome: 'interrupted', entries: 3, reason: 'no chunk was taken for 0.02 s' });
  });

  it('waits for the kernel as long as it takes: only the taker can be late', async () => {
    const parts = passOf(1);
    const stream = streamOf(parts, 'ndjson', { ...PATIENT, chunkMilliseconds: 20 });
    const awaited = next(stream);
    await new Promise((resolve) => setTimeout(resolve, 60));
    parts.say(0, chunk('a\n', 1));
    expect(await awaited).toBe('a\n');
    await stream.return();
  });
});
