import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../../src/domain/entry.ts';
import { ByteWriter } from '../../../../src/kernel/entries/byte-writer.ts';
import { fillView } from '../../../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { lineBytesMax } from '../../../../src/kernel/entries/ndjson.ts';
import { SAVE } from '../../../../src/kernel/entries/save.ts';
import { arbitraryEntry } from '../../../support/arbitrary-entry.ts';
import { entryOf } from '../../../support/entry-of.ts';

function lineOf(entry: Entry): string {
  const view = new EntryView();
  fillView(entry, view);
  const out = new ByteWriter(new Uint8Array(lineBytesMax(view)));
  SAVE.write(view, out);
  return Buffer.from(out.bytes).toString('latin1', 0, out.at);
}

const FLOW = entryOf({ index: 0, protocol: 'tcp' });
const ENDS = '-p tcp --sport 1024 --dport 443 --reply-port-src 443 --reply-port-dst 1024 --state ESTABLISHED\n';

describe('a saved entry', () => {
  it('is the options that conntrack -R reads', () => {
    expect(lineOf(FLOW)).toBe(`-A -t 100 -u SEEN_REPLY,ASSURED -s 10.0.0.5 -d 192.0.2.10 -r 192.0.2.10 -q 10.0.0.5 ${ENDS}`);
  });

  it('names translated addresses as NAT, and its zone and security mark', () => {
    const reply = { ...FLOW.reply, source: '10.9.0.1', destination: '203.0.113.1' };
    expect(lineOf({ ...FLOW, reply, zone: 7, secmark: 3, status: ['FIXED_TIMEOUT', 'EXPECTED'] })).toBe(
      `-A -t 100 -u EXPECTED,FIXED_TIMEOUT -c 3 -w 7 -s 10.0.0.5 -d 192.0.2.10 -g 10.9.0.1 -n 203.0.113.1 ${ENDS}`,
    );
  });

  it('omits zone 0, and the timeout of an offloaded flow', () => {
    const { timeoutSeconds, ...offloaded } = FLOW;
    expect(timeoutSeconds).toBe(100);
    expect(lineOf({ ...offloaded, zone: 0, status: ['OFFLOAD'] })).toMatch(/^-A -u UNSET -s 10\.0\.0\.5 /);
  });

  it('is one line of pairs of an option and a value, for every entry', () => {
    fc.assert(
      fc.property(arbitraryEntry, (entry) => {
        expect(lineOf(entry)).toMatch(/^-A( --?[a-z][a-z0-9-]* [^ \n]+)+\n$/);
      }),
    );
  });
});
