import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KeptFiles } from '../../../../src/kernel/memory/kept-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'kept-files-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('files that are kept open', () => {
  it('are read again each time', () => {
    const path = join(directory, 'memory.max');
    const { text } = new KeptFiles();
    writeFileSync(path, 'max\n');
    expect([text(path), text(path)]).toEqual(['max\n', 'max\n']);
    writeFileSync(path, '104857600\n');
    expect(text(path)).toBe('104857600\n');
    writeFileSync(path, '104857601\n');
    expect(text(path)).toBe('104857601\n');
    writeFileSync(path, '1\n');
    expect(text(path)).toBe('1\n');
  });

  it('are empty while they cannot be read, and read once they can be', () => {
    const path = join(directory, 'memory.high');
    const { text } = new KeptFiles();
    expect([text(path), text(directory)]).toEqual(['', '']);
    writeFileSync(path, '5\n');
    expect(text(path)).toBe('5\n');
  });

  it('show what the kernel prints now', () => {
    const { text } = new KeptFiles();
    const seconds = (): number => Number(text('/proc/uptime').split(' ')[0]);
    const first = seconds();
    while (seconds() === first);
    expect(seconds()).toBeGreaterThan(first);
  });

  it('are bounded in number', () => {
    const { text } = new KeptFiles();
    const before = openFiles();
    const paths = Array.from({ length: 200 }, (_, index) => join(directory, String(index)));
    for (const path of paths) writeFileSync(path, `${path}\n`);
    expect(paths.map(text)).toEqual(paths.map((path) => `${path}\n`));
    expect(paths.map(text)).toEqual(paths.map((path) => `${path}\n`));
    expect(openFiles() - before).toBeLessThanOrEqual(64);
  });
});
