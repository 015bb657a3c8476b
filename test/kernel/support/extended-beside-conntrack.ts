/**
 * Prints, as JSON, the table of its network namespace as `conntrack -L -o extended` and as this service writes it. Timeouts count down, so it
 * repeats the dump until the command's output is the same before and after.
 */
import { spawnSync } from 'node:child_process';
import { ByteWriter } from '../../../src/kernel/entries/byte-writer.ts';
import type { EntryView } from '../../../src/kernel/entries/entry-view.ts';
import { EXTENDED } from '../../../src/kernel/entries/extended.ts';
import { NetlinkSource } from '../../../src/kernel/netlink/netlink-source.ts';

const ATTEMPTS = 100;
const ROOM_BYTES = 4_194_304;

process.stdout.write(JSON.stringify(compare()));

function compare(): { readonly conntrack: string; readonly ours: string } {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = listed();
    const ours = dumped();
    if (listed() === before) return { conntrack: before, ours };
  }
  throw new Error(`The table changed during each of ${String(ATTEMPTS)} dumps.`);
}

function listed(): string {
  const { status, stdout, stderr } = spawnSync('conntrack', ['-L', '-o', 'extended'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`conntrack -L: ${stderr}`);
  return stdout;
}

function dumped(): string {
  const source = new NetlinkSource({});
  const out = new ByteWriter(new Uint8Array(ROOM_BYTES));
  const take = (view: EntryView): boolean => {
    EXTENDED.write(view, out);
    return true;
  };
  try {
    while (source.advance(take) !== 'end');
    if (source.unparsed > 0) throw new Error(`${String(source.unparsed)} entries could not be decoded.`);
    return new TextDecoder().decode(out.bytes.subarray(0, out.at));
  } finally {
    source.close();
  }
}
