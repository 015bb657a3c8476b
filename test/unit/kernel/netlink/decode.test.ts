import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { toEntry } from '../../../../src/kernel/entries/view-to-entry.ts';
import { CT_NEW, CTA, CTA_COUNTERS, NLMSG_HEADER_BYTES } from '../../../../src/kernel/netlink/ctnetlink.ts';
import { decodeEntry, MalformedMessage, messageBuffer } from '../../../../src/kernel/netlink/decode.ts';
import { MessageWriter } from '../../../../src/kernel/netlink/message-writer.ts';
import { arbitraryEntry } from '../../../support/arbitrary-entry.ts';
import { attemptDecode, decoded } from './attempt-decode.ts';
import { attributesOf, messageOf } from './entry-message.ts';
import { dice, mutated } from './mutations.ts';

/** ctnetlink reports when a flow began, never its age. */
const told = arbitraryEntry.filter(({ ageSeconds }) => ageSeconds === undefined);
const [PLAIN] = fc.sample(
  told.filter(({ protocolNumber, family }) => protocolNumber === 17 && family === 'ipv4'),
  { numRuns: 1, seed: 1 },
);
if (!PLAIN) throw new Error('no sample');
const PARTS = attributesOf(PLAIN);

describe('a message about an entry', () => {
  it('decodes to that entry', () => {
    fc.assert(
      fc.property(told, (entry) => {
        expect(decoded(messageOf(entry.family, attributesOf(entry)))).toEqual(entry);
      }),
      { numRuns: 1_000 },
    );
  });

  it('decodes to that entry whatever the order of its attributes, with unknown attributes between them', () => {
    const unknown = fc.record({ type: fc.integer({ min: 27, max: 0x3fff }), octets: fc.uint8Array({ maxLength: 9 }) });
    const shuffled = told.chain((entry) => {
      const parts = attributesOf(entry);
      return fc.tuple(
        fc.constant(entry),
        fc.shuffledSubarray([...parts], { minLength: parts.length }),
        fc.array(unknown, { maxLength: 4 }),
      );
    });
    fc.assert(
      fc.property(shuffled, ([entry, parts, others]) => {
        const strangers = others.map(
          ({ type, octets }) =>
            (writer: MessageWriter) =>
              writer.octets(type, octets),
        );
        const mixed = [...parts, ...strangers].map((_, index) => (index % 2 === 0 ? strangers : parts)[index >>> 1]);
        const rest = [...parts, ...strangers].filter((part) => !mixed.includes(part));
        expect(decoded(messageOf(entry.family, [...mixed.filter((part) => part !== undefined), ...rest]))).toEqual(entry);
      }),
    );
  });

  it('leaves no values behind for the next message, at any position in the buffer', () => {
    const view = new EntryView();
    fc.assert(
      fc.property(told, told, (first, second) => {
        const messages = [first, second].map((entry) => messageOf(entry.family, attributesOf(entry)));
        const [at = 0, length = 0] = messages.map((message) => message.length);
        const buffer = messageBuffer(at + length);
        buffer.bytes.set(Buffer.concat(messages));
        decodeEntry(buffer, 0, at, view);
        decodeEntry(buffer, at, at + length, view);
        expect(toEntry(view)).toEqual(second);
      }),
    );
  });

  it('may have 32-bit counters, as from kernels before 2.6.29', () => {
    const message = messageOf('ipv4', [
      ...PARTS.slice(0, 2),
      (writer) => writer.nest(CTA.countersOriginal, () => writer.word(CTA_COUNTERS.packets32, 3).word(CTA_COUNTERS.bytes32, 0xffff_ffff)),
    ]);
    expect(decoded(message).original).toMatchObject({ packets: '3', bytes: '4294967295' });
  });
});

describe('a malformed message', () => {
  it.each<[string, Buffer, RegExp]>([
    ['only its netlink header', messageOf('ipv4', []).subarray(0, NLMSG_HEADER_BYTES), /without an nfgenmsg header at offset 0$/],
    ['another family', Buffer.from(new MessageWriter().begin(CT_NEW, 0, 7, 1).finish().bytes), /neither IPv4 nor IPv6 at offset 16$/],
    ['no tuples', messageOf('ipv4', PARTS.slice(2)), /without both tuples at offset 0$/],
    ['one tuple', messageOf('ipv4', PARTS.slice(1)), /without both tuples at offset 0$/],
    ['addresses of the other family', messageOf('ipv6', PARTS), /without both addresses at offset \d+$/],
    ['an attribute that exceeds the message', messageOf('ipv4', PARTS).subarray(0, -4), /invalid length at offset \d+$/],
    [
      'a status shorter than 32 bits',
      messageOf('ipv4', [...PARTS, (writer) => writer.short(CTA.status, 1)]),
      /32-bit value of fewer than 4 bytes at/,
    ],
    [
      'an empty attribute where a word is due',
      messageOf('ipv4', [...PARTS, (writer) => writer.octets(CTA.id, Buffer.of())]),
      /32-bit value/,
    ],
  ])('is refused with the reason and the offset: %s', (_, message, expected) => {
    expect(() => decoded(message)).toThrow(MalformedMessage);
    expect(() => decoded(message)).toThrow(expected);
  });

  it('either decodes or throws MalformedMessage, after any mutation', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(told, fc.nat(), (entry, seed) => {
        const message = messageOf(entry.family, attributesOf(entry));
        const roll = dice(seed);
        for (let count = 0; count < 20; count += 1) seen.add(attemptDecode(mutated(message, roll)));
      }),
      { numRuns: 500 },
    );
    expect([...seen].sort()).toEqual(['decoded', 'malformed']);
  });
});
