import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import { AF_INET6, EntryView, IPPROTO, STATUS, stateNumber } from '../../../../src/kernel/entries/entry-view.ts';
import { compileFilter } from '../../../../src/kernel/entries/matcher.ts';
import { arbitraryEntry, NOW_MILLISECONDS, viewOf } from '../../domain/filter/arbitrary-entry.ts';
import { arbitraryRawFilter, arbitraryTest } from '../../domain/filter/arbitrary-filter.ts';
import { meets } from '../../domain/filter/meets.ts';

const now = (): number => NOW_MILLISECONDS;

/** A TCP flow 10.0.0.1:1000 -> 192.0.2.1:443, with its source translated to 203.0.113.9:2000. */
function translatedView(change: (view: EntryView) => void = () => undefined): EntryView {
  const view = new EntryView();
  view.bytes = Uint8Array.of(10, 0, 0, 1, 192, 0, 2, 1, 203, 0, 113, 9);
  view.protocol = IPPROTO.tcp;
  view.state = stateNumber(IPPROTO.tcp, 'ESTABLISHED');
  view.status = STATUS.sourceNat | STATUS.assured | STATUS.seenReply;
  Object.assign(view.original, { source: 0, destination: 4, sourcePort: 1_000, destinationPort: 443 });
  Object.assign(view.reply, { source: 4, destination: 8, sourcePort: 443, destinationPort: 2_000 });
  change(view);
  return view;
}

function selects(text: string, view: EntryView): boolean {
  return compileFilter(parseFilter(text), now)(view);
}

describe('a translated flow', () => {
  it.each([
    'source=10.0.0.1',
    'source=10.0.0.0/31',
    'source=2001:db8::/32,0.0.0.0/0',
    'destination=192.0.2.1',
    'replyDestination=203.0.113.9',
    'address=203.0.113.0/24',
    'natSource=203.0.113.9',
    'nat=source',
    'nat=any',
    'nat!=destination',
    'port=2000',
    'destinationPort=80,440-450,8080',
    'state=ESTABLISHED',
    'status=ASSURED and status=SEEN_REPLY',
    'mark=0 and zone=0 and originalZone=0',
    'protocol=tcp and not family=ipv6',
    'bytes!=0 and timeout!=0 and age!=0 and icmpType!=0 and helper!=ftp and label!=0-127',
  ])('is selected by %s', (text) => {
    expect(selects(text, translatedView())).toBe(true);
  });

  it.each([
    'source=10.0.0.2',
    'source=::/0',
    'destination=192.0.2.0/32',
    'natDestination=192.0.2.1',
    'nat=none',
    'port=1001-1999',
    'sourcePort=2000',
    'state=TIME_WAIT',
    'status=DYING',
    'mark=1 or zone=1',
    'bytes>=0 or timeout>=0 or age>=0 or icmpType>=0 or label>=0',
  ])('is not selected by %s', (text) => {
    expect(selects(text, translatedView())).toBe(false);
  });
});

describe('filter fields', () => {
  it('compare marks as unsigned numbers', () => {
    const view = translatedView((of) => Object.assign(of, { hasMark: true, mark: 0x80000001 | 0 }));
    expect(selects('mark=0x80000001', view)).toBe(true);
    expect(selects('mark=0x80000000/0xf0000000', view)).toBe(true);
    expect(selects('mark=1', view)).toBe(false);
  });

  it('add the counters of both directions, up to 2^53 - 1', () => {
    const view = translatedView(({ original, reply }) => {
      Object.assign(original, { hasCounters: true, bytesHigh: -1, bytesLow: -1, packetsLow: -1 });
      Object.assign(reply, { hasCounters: true, packetsLow: 2 });
    });
    expect(selects('packets=4294967297 and originalPackets=4294967295 and replyPackets=2 and replyBytes=0', view)).toBe(true);
    expect(selects('bytes>=9007199254740991 and originalBytes>1000', view)).toBe(true);
  });

  it('distinguish a zone of one direction from a zone of both', () => {
    const view = translatedView(({ reply }) => Object.assign(reply, { zone: 7 }));
    expect(selects('replyZone=7 and originalZone=0', view)).toBe(true);
    expect(selects('zone=0,7', view)).toBe(false);
    expect(
      selects(
        'zone=7 and originalZone=7 and replyZone=7',
        translatedView((of) => Object.assign(of, { zone: 7 })),
      ),
    ).toBe(true);
  });

  it('give a flow that began after now the age 0', () => {
    const view = translatedView((of) => Object.assign(of, { hasStart: true, startHigh: -1, startLow: 0 }));
    expect(selects('age=0', view)).toBe(true);
  });

  it('read the clock for each entry', () => {
    const view = translatedView((of) => Object.assign(of, { hasStart: true, startHigh: 0, startLow: 0 }));
    const times = [1_000, 2_000];
    const matches = compileFilter(parseFilter('age=1'), () => times.shift() ?? 0);
    expect([matches(view), matches(view)]).toEqual([true, false]);
  });

  it('accept LISTEN, which older kernels print for SYN_SENT2', () => {
    const view = translatedView((of) => Object.assign(of, { state: stateNumber(IPPROTO.tcp, 'SYN_SENT2') }));
    expect(compileFilter({ kind: 'test', test: { field: 'state', states: ['LISTEN'] } }, now)(view)).toBe(true);
  });

  it('compare all 128 bits of an IPv6 address', () => {
    const view = translatedView((of) => Object.assign(of, { family: AF_INET6, bytes: Uint8Array.from({ length: 24 }, (_, at) => at) }));
    expect(selects('source=1:203:405:607:809:a0b:c0d:e0f', view)).toBe(true);
    expect(selects('source=1:203:405:607:809:a0b:c0d:e0e', view)).toBe(false);
    expect(selects('source=1:203:405:607:809:a0b:c0d:e0e/127', view)).toBe(true);
  });
});

describe('compiled filters', () => {
  it('select the same entries as the reference implementation of each field', () => {
    fc.assert(
      fc.property(arbitraryTest, arbitraryEntry, (test, entry) => {
        const filter = { kind: 'test', test } as const;
        expect(compileFilter(filter, now)(viewOf(entry))).toBe(meets(filter, entry));
      }),
      { numRuns: 10_000 },
    );
  });

  it('select the same entries as the reference implementation of and, or and not', () => {
    fc.assert(
      fc.property(arbitraryRawFilter, arbitraryEntry, (filter, entry) => {
        expect(compileFilter(filter, now)(viewOf(entry))).toBe(meets(filter, entry));
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuse a network with an invalid address', () => {
    const filter = {
      kind: 'test',
      test: { field: 'source', networks: [{ family: 'ipv4', address: 'nowhere', prefixLength: 32 }] },
    } as const;
    expect(() => compileFilter(filter, now)).toThrow(RangeError);
  });
});
