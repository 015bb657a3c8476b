import { describe, expect, it } from 'vitest';
import { entryId } from '../../../src/kernel/entries/entry-id.ts';
import { fillView } from '../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../src/kernel/entries/entry-view.ts';
import { parseEntryLine } from '../../../src/kernel/procfs/entry-line.ts';

function idOf(line: string): string {
  const entry = parseEntryLine(line);
  if (!entry) throw new Error(`malformed line: ${line}`);
  const view = new EntryView();
  fillView(entry, view);
  return entryId(view);
}

const flow = ({ head = 'ipv4 2 tcp 6 10 ESTABLISHED', source = '192.0.2.1', ports = 'sport=1000 dport=80', end = 'zone=0' } = {}): string =>
  `${head} src=${source} dst=198.51.100.1 ${ports} src=198.51.100.1 dst=${source} ${ports} ${end}`;

describe('the id of an entry from text', () => {
  it('is the packed original tuple', () => {
    expect(idOf(flow())).toBe('0406' + 'c0000201' + 'c6336401' + '03e80050' + '030000');
    expect(idOf(flow({ ports: 'type=8 code=1 id=258' }))).toContain('08010102');
    expect(idOf(flow({ ports: 'srckey=0x1 dstkey=0xbeef' }))).toContain('0001beef');
  });

  it('does not depend on state, timeout, counters and mark', () => {
    const later = flow({ head: 'ipv4 2 tcp 6 119 TIME_WAIT', end: '[ASSURED] mark=7 zone=0' }).replace(
      ' src=198',
      ' packets=3 bytes=9 src=198',
    );
    expect(idOf(later)).toBe(idOf(flow()));
  });

  it('differs between zones, even if only one direction has the zone', () => {
    const ids = ['zone=0', 'zone=1', 'zone-orig=1', 'zone-reply=1'].map((end) => idOf(flow({ end })));
    expect(new Set(ids).size).toBe(4);
  });

  it('is the same without zones and in zone 0, because a kernel prints zones always or never', () => {
    expect(idOf(flow({ end: '' }))).toBe(idOf(flow({ end: 'zone=0' })));
  });

  it('sorts by family, protocol, source address as a number, and port as a number', () => {
    const ipv6 =
      'ipv6 10 tcp 6 10 ESTABLISHED src=2001:db8::1 dst=2001:db8::2 sport=1 dport=2 src=2001:db8::2 dst=2001:db8::1 sport=2 dport=1';
    const sorted = [
      flow({ head: 'ipv4 2 icmp 1 10', source: '203.0.113.1', ports: 'type=8 code=0 id=1' }),
      flow({ source: '9.0.0.1' }),
      flow({ source: '10.0.0.1', ports: 'sport=999 dport=80' }),
      flow({ source: '10.0.0.1', ports: 'sport=1000 dport=80' }),
      flow({ head: 'ipv4 2 udp 17 10', source: '1.1.1.1' }),
      ipv6,
    ].map(idOf);
    expect(sorted.toReversed().sort()).toEqual(sorted);
  });
});
