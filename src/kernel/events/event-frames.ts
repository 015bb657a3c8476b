import { EVENT_TYPES } from '../../domain/filter/entry-event.ts';
import { literal, type ByteWriter, type Literal } from '../entries/byte-writer.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { lineBytesMax, writeNdjson } from '../entries/ndjson.ts';

const BETWEEN = EVENT_TYPES.map((type) => literal(`\nevent: ${type}\ndata: `));
const LINE_FEED = 0x0a;
/** The id, the type and the names of the fields. */
const AROUND_BYTES = 128;

/** More than the frame of this entry takes. */
export function frameBytesMax(view: EntryView): number {
  return lineBytesMax(view) + AROUND_BYTES;
}

/** The first part of every id of an epoch, for `writeEntryFrame`. */
export function idPrefix(epoch: string): Literal {
  return literal(`id: ${epoch}-`);
}

/** @param kind place in EVENT_TYPES */
export function writeEntryFrame(prefix: Literal, sequence: number, kind: number, view: EntryView, out: ByteWriter): void {
  out.raw(prefix);
  out.decimal(sequence);
  out.raw(BETWEEN[kind] as Literal);
  writeNdjson(view, out);
  out.octet(LINE_FEED);
}

/** Any other event. @param data in ASCII */
export function eventFrame(event: string, data: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A comment; the id lets a client resume from here although nothing was for it. */
export function heartbeatFrame(id: string): string {
  return `: heartbeat\nid: ${id}\n\n`;
}
