import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ManagedWorker, type WorkerOptions } from '../../../src/kernel/worker/managed-worker.ts';
import type { TestCommand } from './managed-worker-thread.ts';

interface TestMessage {
  readonly channel: number;
  readonly text: string;
}

type TestWorker = ManagedWorker<TestCommand, TestMessage>;

const SCRIPT = new URL('./managed-worker-thread', import.meta.url);
const HEAP = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
const LONG_MILLISECONDS = 60_000;
/** A worker on a busy machine needs seconds to start. */
const START = { timeout: 15_000 };

const started: TestWorker[] = [];

afterEach(async () => {
  for (const worker of started.splice(0)) await worker.end();
});

function start(options: Partial<WorkerOptions> = {}, script = SCRIPT): TestWorker {
  const worker: TestWorker = new ManagedWorker(script, { heap: HEAP, ...options });
  started.push(worker);
  return worker;
}

/** Opens a channel and records what its listener gets. */
function open(worker: TestWorker): { readonly channel: number; readonly texts: readonly string[]; readonly failures: readonly string[] } {
  const [texts, failures]: [string[], string[]] = [[], []];
  const channel = worker.open({
    onMessage: ({ text }) => {
      texts.push(text);
    },
    onFailure: (reason) => {
      failures.push(reason);
    },
  });
  return { channel, texts, failures };
}

const echo = (channel: number, text: string): TestCommand => ({ kind: 'echo', channel, text });

describe('a managed worker', () => {
  it('delivers each message to the listener of its channel', async () => {
    const worker = start();
    const [first, second] = [open(worker), open(worker)];
    worker.post(echo(second.channel, 'b'));
    worker.post(echo(first.channel, 'a'));
    await expect.poll(() => [...first.texts, ...second.texts], START).toEqual(['a', 'b']);
    expect(worker.openChannels).toBe(2);
  });

  it('drops the messages of a closed channel', async () => {
    const worker = start();
    const [closed, other] = [open(worker), open(worker)];
    worker.post(echo(closed.channel, 'late'));
    worker.close(closed.channel);
    worker.post(echo(other.channel, 'next'));
    await expect.poll(() => other.texts, START).toEqual(['next']);
    expect(closed.texts).toEqual([]);
    expect(worker.isOpen(closed.channel)).toBe(false);
  });

  it.each([
    ['its script throws', { data: 'fail' }, SCRIPT, /^the worker thread failed: no start$/],
    ['its script is missing', {}, new URL('./nowhere', import.meta.url), /^the worker thread failed: .*nowhere/],
  ])('reports a failed start once to every listener when %s', async (_, options, script, reason) => {
    const worker = start(options, script);
    const listeners = [open(worker), open(worker)];
    await expect.poll(() => worker.isAlive, START).toBe(false);
    await worker.end();
    for (const { failures } of listeners) expect(failures).toEqual([expect.stringMatching(reason)]);
    expect(worker.openChannels).toBe(0);
  });

  it.each([
    ['error', 'throw', 'the worker thread failed: broken command'],
    ['exit', 'exit', 'the worker thread exited early'],
  ] as const)('reports an %s once to every listener, and takes no further channels', async (_, kind, reason) => {
    const worker = start();
    const listeners = [open(worker), open(worker)];
    worker.post({ kind, channel: listeners[0]?.channel ?? 0 });
    await expect.poll(() => worker.isAlive, START).toBe(false);
    await worker.end();
    for (const { failures } of listeners) expect(failures).toEqual([reason]);
    expect(() => open(worker)).toThrow('has ended');
  });

  it('ends itself when it has been idle for the given time, and not before', async () => {
    const worker = start({ idleMilliseconds: 50 });
    const first = open(worker);
    worker.close(first.channel);
    const second = open(worker);
    await sleep(100);
    expect(worker.isAlive).toBe(true);
    worker.close(second.channel);
    await expect.poll(() => worker.isAlive, START).toBe(false);
    expect(second.failures).toEqual([]);
  });
});

describe('ending a worker', () => {
  it('waits for a busy worker, and delivers what it still sends', async () => {
    const worker = start();
    const { channel, texts, failures } = open(worker);
    worker.post({ kind: 'block', channel, milliseconds: 200 });
    worker.post(echo(channel, 'done'));
    await worker.end();
    expect(texts).toEqual(['done']);
    expect(failures).toEqual(['the worker thread exited early']);
  });

  it('terminates a worker that does not respond in time', async () => {
    const worker = start({ endTimeoutMilliseconds: 100 });
    const { channel, texts, failures } = open(worker);
    worker.post(echo(channel, 'started'));
    await expect.poll(() => texts, START).toEqual(['started']);
    worker.post({ kind: 'block', channel, milliseconds: LONG_MILLISECONDS });
    const begun = performance.now();
    await worker.end();
    expect(performance.now() - begun).toBeLessThan(LONG_MILLISECONDS / 2);
    expect(failures).toHaveLength(1);
  });

  it('happens once, however often it is requested', async () => {
    const worker = start();
    const { channel, failures } = open(worker);
    worker.post({ kind: 'block', channel, milliseconds: 50 });
    await Promise.all([worker.end(), worker.end()]);
    await worker.end();
    expect(failures).toHaveLength(1);
    expect(worker.isAlive).toBe(false);
  });
});
