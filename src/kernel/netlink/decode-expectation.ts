import { EXPECTATION_FLAGS, type Expectation, type ExpectationNat } from '../../domain/expectation.ts';
import { entryId } from '../entries/entry-id.ts';
import { protocolName } from '../entries/entry-values.ts';
import { ABSENT, AF_INET, EntryView, TupleView } from '../entries/entry-view.ts';
import { latin1, toEnds, toMaster } from '../entries/view-to-entry.ts';
import { attributeEnd, attributeType, MalformedMessage, short, word } from './attribute-values.ts';
import { CTA_EXPECT, CTA_EXPECT_NAT, NFGEN_HEADER_BYTES, NLA_HEADER_BYTES, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import { decodeHeader, type MessageBuffer } from './decode.ts';
import { textLength } from './decode-extensions.ts';
import { decodeMaster, decodeTuple } from './decode-tuple.ts';

/** Fields that are not tuples. */
type Rest = { -readonly [Key in keyof Expectation]?: Expectation[Key] };

/**
 * Decodes one ctnetlink message about an expectation. Unknown attributes are skipped.
 *
 * @param at where the netlink header begins, a multiple of four
 * @param end where the message ends
 * @throws MalformedMessage if a length exceeds its container, or the expectation lacks its tuple
 */
export function decodeExpectation(buffer: MessageBuffer, at: number, end: number): Expectation {
  // The expected tuple is the original one of the view, and the mask the one of its reply.
  const view = new EntryView();
  decodeHeader(buffer.bytes, at, end, view);
  const rest: Rest = {};
  const seen = new Set<number>();
  let protocol = 0;
  forEachAttribute(buffer, at + NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES, end, (type, value, stop) => {
    seen.add(type);
    decodeAttribute(buffer, type, value, stop, view, rest);
    if (type === CTA_EXPECT.tuple) ({ protocol } = view);
  });
  if (!seen.has(CTA_EXPECT.tuple)) throw new MalformedMessage('an expectation without a tuple', at);
  view.protocol = protocol;
  const { flags = [], ...others } = rest;
  return {
    id: entryId(view),
    family: view.family === AF_INET ? 'ipv4' : 'ipv6',
    protocol: protocolName(protocol),
    protocolNumber: protocol,
    tuple: toEnds(view, protocol, view.original),
    ...(seen.has(CTA_EXPECT.mask) && { mask: toEnds(view, protocol, view.reply) }),
    ...(view.masterProtocol !== ABSENT && { master: toMaster(view) }),
    flags,
    ...others,
  };
}

function decodeAttribute(buffer: MessageBuffer, type: number, value: number, stop: number, view: EntryView, rest: Rest): void {
  const { bytes, words } = buffer;
  switch (type) {
    case CTA_EXPECT.tuple:
      decodeTuple(bytes, words, value, stop, view, view.original);
      break;
    case CTA_EXPECT.mask:
      decodeTuple(bytes, words, value, stop, view, view.reply);
      break;
    case CTA_EXPECT.master:
      decodeMaster(bytes, words, value, stop, view);
      break;
    case CTA_EXPECT.id:
      view.hasId = true;
      view.id = word(bytes, value, stop);
      break;
    case CTA_EXPECT.nat:
      rest.nat = decodeNat(buffer, value, stop, view);
      break;
    case CTA_EXPECT.zone:
      rest.zone = view.zone = short(bytes, value, stop);
      break;
    case CTA_EXPECT.timeout:
      rest.timeoutSeconds = word(bytes, value, stop) >>> 0;
      break;
    case CTA_EXPECT.flags:
      rest.flags = flagsOf(word(bytes, value, stop));
      break;
    case CTA_EXPECT.class:
      rest.class = word(bytes, value, stop) >>> 0;
      break;
    case CTA_EXPECT.helper:
      rest.helper = latin1(bytes, value, textLength(bytes, value, stop));
      break;
    case CTA_EXPECT.function:
      rest.function = latin1(bytes, value, textLength(bytes, value, stop));
      break;
  }
}

function flagsOf(bits: number): Expectation['flags'] {
  return EXPECTATION_FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0);
}

function decodeNat(buffer: MessageBuffer, from: number, end: number, view: EntryView): ExpectationNat {
  const tuple = new TupleView();
  let direction = 0;
  const seen = new Set<number>();
  forEachAttribute(buffer, from, end, (type, value, stop) => {
    seen.add(type);
    if (type === CTA_EXPECT_NAT.direction) direction = word(buffer.bytes, value, stop);
    else if (type === CTA_EXPECT_NAT.tuple) decodeTuple(buffer.bytes, buffer.words, value, stop, view, tuple);
  });
  if (!seen.has(CTA_EXPECT_NAT.tuple)) throw new MalformedMessage('the NAT of an expectation without a tuple', from);
  return { direction: direction === 0 ? 'original' : 'reply', tuple: toEnds(view, view.protocol, tuple) };
}

function forEachAttribute(
  { words }: MessageBuffer,
  from: number,
  end: number,
  take: (type: number, value: number, stop: number) => void,
): void {
  for (let offset = from; offset < end;) {
    const header = words[offset >>> 2] as number;
    const stop = attributeEnd(header, offset, end);
    take(attributeType(header), offset + NLA_HEADER_BYTES, stop);
    offset = (stop + 3) & ~3;
  }
}
