import type { Entry } from '../../../../src/domain/entry.ts';
import { ByteWriter } from '../../../../src/kernel/entries/byte-writer.ts';
import { FORMATS } from '../../../../src/kernel/entries/entry-formats.ts';
import { EntryView } from '../../../../src/kernel/entries/entry-view.ts';
import { lineBytesMax } from '../../../../src/kernel/entries/ndjson.ts';
import { toEntry } from '../../../../src/kernel/entries/view-to-entry.ts';
import { decodeEntry, MalformedMessage, messageBuffer } from '../../../../src/kernel/netlink/decode.ts';

const view = new EntryView();

/** Decodes a message in a buffer of exactly its size, padded as netlink messages are. */
export function decoded(message: Uint8Array): Entry {
  const buffer = messageBuffer((message.length + 3) & ~3);
  buffer.bytes.set(message);
  decodeEntry(buffer, 0, message.length, view);
  return toEntry(view);
}

/**
 * Decodes an input that may not be a valid message. If it decodes, writes the entry in every format and checks that the output is complete.
 *
 * @throws any error except a MalformedMessage whose offset lies in the buffer
 */
export function attemptDecode(message: Uint8Array): 'decoded' | 'malformed' {
  try {
    const entry = decoded(message);
    if (JSON.stringify(JSON.parse(written('ndjson'))) !== JSON.stringify(entry))
      throw new Error(`NDJSON differs from the entry: ${written('ndjson')}`);
    for (const format of ['csv', 'extended'] as const)
      if (!written(format).endsWith('\n')) throw new Error(`${format}: the line does not end with a line feed`);
    return 'decoded';
  } catch (error) {
    if (error instanceof MalformedMessage && error.offset >= 0 && error.offset <= message.length) return 'malformed';
    throw error;
  }
}

function written(format: keyof typeof FORMATS): string {
  const out = new ByteWriter(new Uint8Array(lineBytesMax(view)));
  FORMATS[format].write(view, out);
  if (out.at > out.bytes.length) throw new Error(`${format} exceeds lineBytesMax: ${String(out.at)} bytes`);
  return Buffer.from(out.bytes.buffer).toString('latin1', 0, out.at);
}
