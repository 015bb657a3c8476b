import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MalformedMessage } from '../../../src/kernel/netlink/attribute-values.ts';
import { legacyEntriesTrack, type LegacyFamily } from '../../../src/kernel/netlink/legacy-tables.ts';

/** Tables of Linux 6.18 on x86-64 with one rule, compressed. Whether the kernel then tracked a ping was observed beside. */
const RECORDED: readonly (readonly [family: LegacyFamily, command: string, isTracked: boolean, entries: string])[] = [
  [
    'ipv4',
    'iptables-legacy -A INPUT -p tcp -m tcp --dport 22 -m limit --limit 5/s -j ACCEPT',
    false,
    'H4sIAAAAAAAAA2NgoC5gg9IvGAQYmbDIGzCUJBfgNeH/fzEGMTjPgyEnMzezBKfqC+wMDKxEuEuDgPy/////E2EM2aCAYQYDtvAYDO5iwSI+GNzFgUV84N21Aau4A4NrUJB/EE59+GUZGADwzjSYiAMAAA==',
  ],
  [
    'ipv4',
    'iptables-legacy -A INPUT -p tcp -m multiport --dports 1,2 -m conntrack --ctstate NEW -j ACCEPT',
    true,
    'H4sIAAAAAAAAA2NgoC5gg9IdjBsYmbDIBzDkluaUZBbkF5Vg087IyMTIgE0fLnCCITk/L6+kKDE5G5s0MwlG0QkwAkOHA0NUg4Cuf////6eZkxgYGAoYZmAN98HgLhYs4oPBXZixOBjctQGruAODa1CQfxBOffhlGRgAvk4GgygEAAA=',
  ],
  [
    'ipv4',
    'iptables-legacy -t raw -A OUTPUT -p tcp -j CT --notrack',
    false,
    'H4sIAAAAAAAAA2NgoA0oYJjBwIhFXIOAvn////+nhXvYoHQBww0GDizyGQzOIXi0M2Hzy2ACoPDG5q+BCm8YKGDYgFXcgcE1KMg/CKc+/LIMDABA2MiTuAIAAA==',
  ],
  [
    'ipv4',
    'iptables-legacy -t raw -A OUTPUT -p tcp -j CT --zone 5',
    true,
    'H4sIAAAAAAAAA2NgoA0oYJjBwIhFXIOAvn////+nhXvYoHQBww0GDizyGQzOIXi0MzEwsNLCWVQDoPDG5q+BCm8YKGDYgFXcgcE1KMg/CKc+/LIMDADcHD3TuAIAAA==',
  ],
  [
    'ipv4',
    'iptables-legacy -t nat -A POSTROUTING -d 192.0.2.9 -j MASQUERADE',
    true,
    'H4sIAAAAAAAAA2NgoA0oYJjBwIhFXIOAvn////+nkZPAAOQuJizig8FdHFjESXHXAQYmThD9n4puLWBYwSCARdyCwdcxODDUNcjRxRWbPmxxT0sACj9s7hz4eN2AVdyBwTUoyD8Ipz78sgwMAF4Mz6S4AwAA',
  ],
  [
    'ipv6',
    'ip6tables-legacy -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
    false,
    'H4sIAAAAAAAAA2NgGFjAxsDACGPfYGBgZMKhzoChJLkAr0n//4sxiMF5GgTs/ff//3/SXEp7sILhAgMu/w9V/7DgkBuq/uHAITc0/fMCp5wDg2tQkH8QTnn8sgwMAB+MhvtYBAAA',
  ],
  [
    'ipv6',
    'ip6tables-legacy -A INPUT -m state --state NEW -j ACCEPT',
    true,
    'H4sIAAAAAAAAA2NgGDyggHEGIxMOuRMMyfl5eSVFicnZ2KSZaesycgCjAgMDB4aoBgFd//7//08zJ5EJVjBcYMAVL0PVPyw45IaqfzBTGgQMTf+8wCnnwOAaFOQfhFMevywDAwANrKAl8AQAAA==',
  ],
];

function entriesOf(compressed: string): DataView {
  const { buffer, byteOffset, length } = gunzipSync(Buffer.from(compressed, 'base64'));
  return new DataView(buffer, byteOffset, length);
}

describe('a table of iptables-legacy', () => {
  it.each(RECORDED)('of %s after "%s" enables tracking: %s', (family, _, isTracked, entries) => {
    expect(legacyEntriesTrack(entriesOf(entries), family)).toBe(isTracked);
  });

  it('that is cut off or malformed is refused', () => {
    const [family, , , entries] = RECORDED[0] ?? ['ipv4', '', false, ''];
    const whole = entriesOf(entries);
    for (const length of [60, 150, whole.byteLength - 8])
      expect(() => legacyEntriesTrack(new DataView(whole.buffer, whole.byteOffset, length), family)).toThrow(MalformedMessage);
    expect(() => legacyEntriesTrack(new DataView(new ArrayBuffer(whole.byteLength)), family)).toThrow(MalformedMessage);
  });
});
