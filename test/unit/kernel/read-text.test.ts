import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { blocksHeld, readText, readTextNow } from '../../../src/kernel/read-text.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'read-text-'));
  path = join(directory, 'file');
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(directory, { recursive: true });
});

describe('reading text', () => {
  it.each([
    ['an empty file', ''],
    ['a number', '65536\n'],
    ['characters that cross the end of a buffer', `x${'é'.repeat(70_000)}`],
  ])('returns %s', async (_name, text) => {
    await writeFile(path, text);
    expect(readTextNow(path)).toBe(text);
    expect(await readText(path)).toBe(text);
  });

  it('holds four buffers at most, however many reads run at once', async () => {
    await writeFile(path, '1\n');
    const missing = join(directory, 'missing');
    const reads = Array.from({ length: 500 }, (_, index) => readText(index % 5 === 0 ? missing : path).catch(() => 'failed'));
    expect(blocksHeld()).toBe(4);
    const texts = await Promise.all(reads);
    expect(texts.filter((text) => text === '1\n')).toHaveLength(400);
    expect(blocksHeld()).toBe(4);
  });

  it('releases the buffers when no file has been read for ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.resetModules();
    const fresh = await import('../../../src/kernel/read-text.ts');
    await writeFile(path, '1\n');
    await Promise.all(Array.from({ length: 8 }, () => fresh.readText(path)));
    expect(fresh.blocksHeld()).toBe(4);
    vi.advanceTimersByTime(10_000);
    expect(fresh.blocksHeld()).toBe(0);
  });
});
