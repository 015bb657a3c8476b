import { describe, expect, it } from 'vitest';
import { AF_INET6, STATUS } from '../../../src/kernel/entries/entry-view.ts';
import { MessageWriter } from '../../../src/kernel/netlink/message-writer.ts';
import { writeDelete, writeNew } from '../../support/entry-factory-message.ts';
import { BUSIEST_SOURCE, entryAt, FIRST_TRANSIENT, INDEX_LIMIT, type MadeEntry } from '../../support/entry-factory-mix.ts';

const COUNT = 100_000;
const entries = Array.from({ length: COUNT }, (_, index) => entryAt(index));

/** Percentage of all entries, rounded to an integer. */
function share(of: (entry: MadeEntry) => boolean): number {
  return Math.round((100 * entries.filter(of).length) / COUNT);
}

function tuple(index: number): string {
  const { protocol, source, destination, sourcePort, destinationPort } = entryAt(index);
  return [protocol, source.join('.'), destination.join('.'), sourcePort, destinationPort].join(' ');
}

describe('generated entries', () => {
  it('are the same in every run', () => {
    expect(entryAt(4_711)).toEqual(entryAt(4_711));
  });

  it('have the documented mix', () => {
    expect(share(({ tcpState }) => tcpState === 3)).toBe(55);
    expect(share(({ tcpState }) => tcpState === 7)).toBe(10);
    expect(share(({ protocol, status }) => protocol === 17 && (status & STATUS.assured) !== 0)).toBe(10);
    expect(share(({ protocol, status }) => protocol === 17 && (status & STATUS.seenReply) === 0)).toBe(10);
    expect(share(({ family }) => family === AF_INET6)).toBe(13);
    expect(share(({ translatedSource }) => translatedSource !== undefined)).toBe(37);
    expect(share(({ mark }) => mark !== undefined)).toBe(50);
    expect(share(({ zone }) => zone === 1)).toBe(1);
  });

  it('have unique tuples', () => {
    const indices = Array.from({ length: COUNT }, (_, index) => index * Math.floor(INDEX_LIMIT / COUNT));
    expect(new Set(indices.map(tuple)).size).toBe(COUNT);
    expect(new Set(entries.map((_, index) => tuple(index))).size).toBe(COUNT);
    expect(() => entryAt(INDEX_LIMIT)).toThrow(RangeError);
  });

  it('identify transient entries by their source', () => {
    const net = (index: number): string => entryAt(index).source.subarray(0, 2).join('.');
    expect(entries.every(({ source }) => ['10.0', '253.0'].includes(source.subarray(0, 2).join('.')))).toBe(true);
    for (let index = FIRST_TRANSIENT; index < FIRST_TRANSIENT + 100; index += 1) expect(['172.16', '253.1']).toContain(net(index));
  });

  it('have the most entries for the busiest source', () => {
    const counts = new Map<string, number>();
    for (const { source } of entries.filter(({ family }) => family !== AF_INET6)) {
      counts.set(source.join('.'), (counts.get(source.join('.')) ?? 0) + 1);
    }
    expect(Math.max(...counts.values())).toBe(counts.get(BUSIEST_SOURCE));
  });
});

describe('requests for generated entries', () => {
  it('fill each message with complete attributes', () => {
    for (const entry of entries.slice(0, 1_000)) {
      for (const write of [writeNew, writeDelete]) expect(attributeTypes(message(entry, write))[0]).toBe(1);
    }
  });

  it('leave the NAT bits of a translated flow to the kernel', () => {
    const translated = entries.find(({ translatedSource }) => translatedSource !== undefined) as MadeEntry;
    expect(translated.status & STATUS.sourceNat).toBe(0);
    expect(attributeTypes(message(translated, writeNew))).toContain(6);
  });

  it('delete by original tuple and zone only', () => {
    const zoned = entries.find(({ zone }) => zone === 1) as MadeEntry;
    expect(attributeTypes(message(zoned, writeDelete))).toEqual([1, 18]);
  });
});

function message(entry: MadeEntry, write: typeof writeNew): Buffer {
  const writer = new MessageWriter();
  write(writer, entry, 1);
  return Buffer.from(writer.bytes);
}

/** Types of the top-level attributes. @throws Error unless the attributes end at the length of the message */
function attributeTypes(bytes: Buffer): number[] {
  const words = new DataView(bytes.buffer, bytes.byteOffset);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const types = [];
  let at = 20;
  while (at < bytes.length) {
    types.push(words.getUint16(at + 2, littleEndian) & 0x3fff);
    at += (words.getUint16(at, littleEndian) + 3) & ~3;
  }
  if (at !== bytes.length || words.getUint32(0, littleEndian) !== at) throw new Error('The attributes do not fill the message.');
  return types;
}
