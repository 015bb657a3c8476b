import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../../src/domain/entry.ts';
import { entryId, parseEntryId } from '../../../../src/kernel/entries/entry-id.ts';
import { fillView } from '../../../../src/kernel/entries/entry-to-view.ts';
import { AF_INET, AF_INET6, EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { addressText } from '../../../../src/kernel/entries/ip-text.ts';
import { arbitraryEntry } from '../../../support/arbitrary-entry.ts';

describe('the id of an entry', () => {
  it('consists of the packed original tuple, the zone and the kernel’s id', () => {
    expect(parseEntryId('0406c0000201c633640103e8005003000a-00ffee01')).toEqual({
      family: AF_INET,
      protocol: 6,
      source: Uint8Array.of(192, 0, 2, 1),
      destination: Uint8Array.of(198, 51, 100, 1),
      sourcePort: 1_000,
      destinationPort: 80,
      zone: 10,
      zoneDirection: 'both',
      id: 0xffee01,
    });
  });

  it('contains type, code and id of ICMP instead of ports', () => {
    const parsed = parseEntryId('0401c0000201c633640108010102010007');
    expect(parsed).toMatchObject({
      icmp: { type: 8, code: 1, id: 258 },
      sourcePort: 0,
      destinationPort: 0,
      zoneDirection: 'original',
      zone: 7,
    });
    expect(parsed).not.toHaveProperty('id');
  });

  it('parses to the tuple and zone of its entry, for every entry', () => {
    const view = new EntryView();
    fc.assert(
      fc.property(arbitraryEntry, (entry) => {
        fillView(entry, view);
        expect(entryId(view)).toBe(entry.id);
        const parsed = parseEntryId(entry.id);
        if (!parsed) throw new Error(`not parsed: ${entry.id}`);
        expect(fieldsOf(parsed)).toEqual(expected(entry));
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['upper-case digits', '0406C0000201c633640103e80050030000'],
    ['one digit missing', '0406c0000201c633640103e8005003000'],
    ['addresses of the other family', '0606c0000201c633640103e80050030000'],
    ['another family', '0506c0000201c633640103e80050030000'],
    ['another zone direction', '0406c0000201c633640103e80050040000'],
    ['half of the kernel’s id', '0406c0000201c633640103e80050030000-0a1b'],
    ['a line feed at the end', '0406c0000201c633640103e80050030000\n'],
  ])('is refused with %s', (_, text) => {
    expect(parseEntryId(text)).toBeUndefined();
  });
});

function fieldsOf(parsed: NonNullable<ReturnType<typeof parseEntryId>>): unknown {
  const { family, protocol, source, destination, sourcePort, destinationPort, icmp, zone, zoneDirection } = parsed;
  return {
    family: family === AF_INET6 ? 'ipv6' : 'ipv4',
    protocol,
    addresses: [addressText(family, source, 0), addressText(family, destination, 0)],
    ends: icmp ? [icmp.type, icmp.code, icmp.id] : [sourcePort, destinationPort],
    zone: [zoneDirection, zone],
  };
}

function expected({ family, protocolNumber, original, zone = 0, originalZone, replyZone }: Entry): unknown {
  const { icmpType, icmpCode, icmpId, sourcePort, destinationPort, sourceKey, destinationKey } = original;
  return {
    family,
    protocol: protocolNumber,
    addresses: [original.source, original.destination],
    ends: icmpType === undefined ? [sourcePort ?? sourceKey ?? 0, destinationPort ?? destinationKey ?? 0] : [icmpType, icmpCode, icmpId],
    zone: originalZone !== undefined ? ['original', originalZone] : replyZone !== undefined ? ['reply', replyZone] : ['both', zone],
  };
}
