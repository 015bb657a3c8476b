/**
 * Prints, as JSON, the table of its network namespace as `conntrack -L -o FORMAT` and as this service writes it. Argument: `extended` or `save`. Timeouts count down, so it
 * repeats the dump until the command's output is the same before and after. Saved lines have `-t 3600` instead.
 */
import { spawnSync } from 'node:child_process';
import { ByteWriter } from '../../../src/kernel/entries/byte-writer.ts';
import type { EntryView } from '../../../src/kernel/entries/entry-view.ts';
import { FORMATS } from '../../../src/kernel/entries/entry-formats.ts';
import { NetlinkSource } from '../../../src/kernel/netlink/netlink-source.ts';

const format = process.argv[2] === 'save' ? 'save' : 'extended';
const ATTEMPTS = 100;
const ROOM_BYTES = 4_194_304;

process.stdout.write(JSON.stringify(compare()));

function compare(): { readonly conntrack: string; readonly ours: string } {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = settled(listed());
    const ours = settled(dumped());
    if (settled(listed()) === before) return { conntrack: before, ours };
  }
  throw new Error(`The table changed during each of ${String(ATTEMPTS)} dumps.`);
}

function settled(text: string): string {
  return format === 'save' ? text.replaceAll(/^-A -t \d+/gm, '-A -t 3600') : text;
}

function listed(): string {
  const { status, stdout, stderr } = spawnSync('conntrack', ['-L', '-o', format], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`conntrack -L: ${stderr}`);
  return stdout;
}

function dumped(): string {
  const source = new NetlinkSource({});
  const out = new ByteWriter(new Uint8Array(ROOM_BYTES));
  const take = (view: EntryView): boolean => {
    FORMATS[format].write(view, out);
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
