import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RecordStream } from '../../../src/http/changes/record-stream.ts';

const OPTIONS = { pollMilliseconds: 5, heartbeatMilliseconds: 40, readTimeoutMilliseconds: 150 };
const LARGE = 'x'.repeat(100_000);

/** Records as a journal returns them: `pages` in turn, then none. */
function records(...pages: readonly (readonly string[])[]) {
  const left = [...pages];
  const reads = { count: 0 };
  const next = (): readonly string[] => {
    reads.count++;
    return left.shift() ?? [];
  };
  return { next, left, reads };
}

function open(...parameters: ConstructorParameters<typeof RecordStream>): RecordStream {
  const stream = new RecordStream(...parameters);
  onTestFinished(() => {
    stream.destroy();
  });
  return stream;
}

describe('RecordStream', () => {
  it('ends after the newest record, and if it follows, only when it is finished', async () => {
    expect(await text(open(records(['b', 'c'], ['d']), ['a']))).toBe('a\nb\nc\nd\n');
    const source = records(['b']);
    const stream = open(source, ['a'], OPTIONS);
    let received = '';
    stream.on('data', (chunk: Buffer) => (received += chunk.toString()));
    const ended = once(stream, 'end');
    while (!received.includes('b')) await sleep(5);
    source.left.push(['c'], ['d']);
    while (!received.includes('d')) await sleep(5);
    stream.finish();
    await ended;
    expect(received.replaceAll(/\n+/g, '\n')).toBe('a\nb\nc\nd\n');
  });

  it('sends an empty line at once if there is no record, and after each pause', async () => {
    const stream = open(records(), [], OPTIONS);
    let received = '';
    stream.on('data', (chunk: Buffer) => (received += chunk.toString()));
    await sleep(1);
    expect(received).toBe('\n');
    while (received.length < 3) await sleep(5);
    expect(received).toMatch(/^\n+$/);
  });

  it('reads no more than a client takes, and drops one that reads nothing', async () => {
    const source = records(...Array.from({ length: 50 }, () => [LARGE]));
    const stream = open(source, [LARGE], OPTIONS);
    stream.once('readable', () => undefined);
    const closed = once(stream, 'close');
    await closed;
    expect(source.reads.count).toBeLessThan(3);
    expect(stream.readableEnded).toBe(false);
  });

  it('breaks off if the records cannot be read', async () => {
    const broken = open(
      {
        next: () => {
          throw new Error('the database is gone');
        },
      },
      ['a'],
      OPTIONS,
    );
    broken.resume();
    expect(await once(broken, 'error')).toEqual([new Error('the database is gone')]);
  });
});
