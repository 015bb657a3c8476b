import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoEntryLine } from '../../../src/kernel/demo-entries.ts';
import { entryId } from '../../../src/kernel/entries/entry-id.ts';
import type { EntryView } from '../../../src/kernel/entries/entry-view.ts';
import { TextSource } from '../../../src/kernel/procfs/text-source.ts';
import { descriptorOf } from './host-entries.ts';

const COUNT = 1_000;

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'text-source-'));
  path = join(directory, 'table');
  await writeFile(path, Array.from({ length: COUNT }, (_, n) => demoEntryLine(n)).join(''));
});

afterEach(() => rm(directory, { recursive: true }));

/** Ids in order. The consumer refuses the offers for which `refuses` is true. */
function read(refuses: (offer: number) => boolean): string[] {
  const source = new TextSource(path);
  const ids: string[] = [];
  let offers = 0;
  const take = (view: EntryView): boolean => {
    offers += 1;
    if (refuses(offers)) return false;
    ids.push(entryId(view));
    return true;
  };
  while (source.advance(take) !== 'end');
  source.close();
  return ids;
}

describe('the table as text', () => {
  it('offers entry after entry, and a refused entry again', () => {
    const all = read(() => false);
    expect(new Set(all).size).toBe(COUNT);
    expect(read((offer) => offer % 3 === 0)).toEqual(all);
  });

  it('is read step by step', () => {
    const source = new TextSource(path);
    let taken = 0;
    const state = source.advance(() => {
      taken += 1;
      return true;
    });
    source.close();
    expect(state).toBe('more');
    expect(taken).toBeLessThan(COUNT / 2);
  });

  it('does not count the expected flows that Linux 2.4 lists behind the entries', async () => {
    const expected =
      'EXPECTING: 180 use=1 proto=6 src=10.0.0.5 dst=192.0.2.10 sport=0 dport=40001 \nEXPECTING: - use=1 proto=17 src=0.0.0.0 dst=10.0.0.5 sport=0 dport=7000 \n';
    await writeFile(path, `${demoEntryLine(1)}${demoEntryLine(2)}${expected}`);
    const source = new TextSource(path);
    let taken = 0;
    while (source.advance(() => (taken += 1) > 0) !== 'end');
    source.close();
    expect({ taken, unparsed: source.unparsed }).toEqual({ taken: 2, unparsed: 0 });
  });

  it('keeps the octets of a security context that is not ASCII', async () => {
    await writeFile(path, Buffer.from(demoEntryLine(1).replace(/ use=\d+/, ' secctx=\u00ff \u00e4 use=1'), 'latin1'));
    const source = new TextSource(path);
    const contexts: string[] = [];
    const take = ({ bytes, secctx, secctxLength }: EntryView): boolean =>
      contexts.push(Buffer.from(bytes).toString('latin1', secctx, secctx + secctxLength)) > 0;
    while (source.advance(take) !== 'end');
    source.close();
    expect(contexts).toEqual(['\u00ff \u00e4']);
  });

  it('counts lines that are not entries', async () => {
    await writeFile(path, `${demoEntryLine(1)}nonsense\n\n${demoEntryLine(2)}ipv4 2 tcp 6\n`);
    const source = new TextSource(path);
    while (source.advance(() => true) !== 'end');
    source.close();
    expect(source.unparsed).toBe(2);
  });

  it('can be closed twice', async () => {
    const source = new TextSource(path);
    expect(await descriptorOf(path)).toBeDefined();
    source.close();
    source.close();
    expect(await descriptorOf(path)).toBeUndefined();
  });

  it('leaves no descriptor open if it cannot be read', async () => {
    expect(() => new TextSource(directory)).toThrow(expect.objectContaining({ code: 'EISDIR' }) as Error);
    expect(await descriptorOf(directory)).toBeUndefined();
    expect(() => new TextSource(join(directory, 'nowhere'))).toThrow(expect.objectContaining({ code: 'ENOENT' }) as Error);
  });
});
