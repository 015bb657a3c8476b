import type { Expectation } from '../../domain/expectation.ts';
import { EVENT_TYPES } from '../../domain/filter/entry-event.ts';
import { literal, type ByteWriter, type Literal } from '../entries/byte-writer.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { lineBytesMax, writeNdjson } from '../entries/ndjson.ts';

const BETWEEN = EVENT_TYPES.map((type) => literal(`\nevent: ${type}\ndata: `));
const LINE_FEED = 0x0a;
/** Bytes of the id, the type and the field names. */
const AROUND_BYTES = 128;

/** An upper bound for the frame of this entry, in bytes. */
export function frameBytesMax(view: EntryView): number {
  return lineBytesMax(view) + AROUND_BYTES;
}

/** The common prefix of all ids of an epoch, for `writeEntryFrame`. */
export function idPrefix(epoch: string): Literal {
  return literal(`id: ${epoch}-`);
}

/** @param kind index in EVENT_TYPES */
export function writeEntryFrame(prefix: Literal, sequence: number, kind: number, view: EntryView, out: ByteWriter): void {
  out.raw(prefix);
  out.decimal(sequence);
  out.raw(BETWEEN[kind] as Literal);
  writeNdjson(view, out);
  out.octet(LINE_FEED);
}

/** An event about an expectation, as ASCII: other characters of texts are escaped. */
export function expectationFrame(event: string, expectation: Expectation, id: string): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return eventFrame(event, expectation, id).replaceAll(/[\u0080-\uffff]/g, escape);
}

/** Any other event. @param data serializes to ASCII */
export function eventFrame(event: string, data: object, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A comment. The id lets a client resume from here even if no event matched its request. */
export function heartbeatFrame(id: string): string {
  return `: heartbeat\nid: ${id}\n\n`;
}
