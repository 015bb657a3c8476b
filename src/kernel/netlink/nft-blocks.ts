import { AF_INET, AF_INET6, IPPROTO } from '../entries/entry-view.ts';
import { addressBytes, addressText } from '../entries/ip-text.ts';
import { read16 } from './attribute-values.ts';
import { NFGEN_HEADER_BYTES, NLM_F_CREATE, NLMSG_HEADER_BYTES } from './ctnetlink.ts';
import type { MessageWriter } from './message-writer.ts';
import {
  batch,
  HEADER,
  list,
  META_KEY,
  newTable,
  NFT,
  RAW_CHAINS,
  rawChain,
  REGISTER,
  REGISTER_32,
  rule,
  TABLE_NAME,
  VERDICT,
  type Message,
  type RuleWriter,
} from './nft-batch.ts';
import { attributesOf, textOf } from './nft-messages.ts';

/** The table whose sets list the packets to reject. */
export const BLOCKS_TABLE = 'conntrack_api_blocks';

const SET = { name: 2, flags: 3, keyType: 4, keyLength: 5, description: 9, id: 10 } as const; // NFTA_SET_*
const SET_SIZE = 1; // NFTA_SET_DESC_SIZE
const SET_HAS_TIMEOUT = 0x10; // NFT_SET_TIMEOUT
const ELEMENTS = { set: 2, list: 3 } as const; // NFTA_SET_ELEM_LIST_*
const LIST_ELEMENT = 1; // NFTA_LIST_ELEM
const ELEMENT = { key: 1, timeout: 4, expiration: 5, comment: 6 } as const; // NFTA_SET_ELEM_*
const DATA_VALUE = 1; // NFTA_DATA_VALUE
/** Only nft reads it: the types of the parts, `inet_proto . ipv4_addr . inet_service . ipv4_addr . inet_service`, in 6 bits each. */
const KEY_TYPE = { proto: 12, ipv4: 7, ipv6: 8, service: 13 } as const;
const COMMENT_TYPE = 0; // NFTNL_UDATA_SET_ELEM_COMMENT
const RST = 0x04;
const TCP_FLAGS_AT = 13;
const ICMP_ID_AT = 4;
/** Elements of a set: two for each connection. */
const SET_ELEMENTS_MAX = 131_072;

const FAMILIES = [
  { family: AF_INET, set: 'ipv4', nfproto: 2, source: 12, destination: 16, type: KEY_TYPE.ipv4, icmp: IPPROTO.icmp },
  { family: AF_INET6, set: 'ipv6', nfproto: 10, source: 8, destination: 24, type: KEY_TYPE.ipv6, icmp: IPPROTO.icmpv6 },
] as const;
type FamilyOf = (typeof FAMILIES)[number];

/** Protocols that begin with the ports. */
const PORT_PROTOCOLS: readonly number[] = [IPPROTO.tcp, IPPROTO.udp, IPPROTO.sctp, IPPROTO.dccp, IPPROTO.udplite];
/** For each family and chain: resets that pass, the protocols with ports, and ICMP. */
const RULES = Object.keys(RAW_CHAINS).length * FAMILIES.length * (1 + PORT_PROTOCOLS.length + 1);

/** The packets of one direction of a flow, as they arrive: before NAT. */
export interface BlockedPackets {
  readonly family: number;
  readonly protocol: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** The ICMP id, twice, for ICMP. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly comment: string;
}

export interface ListedBlock {
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly comment: string;
  readonly expiresMilliseconds: number;
  /** To delete it. */
  readonly set: string;
  readonly key: Uint8Array;
}

/** Whether packets of this protocol can be recognised. */
export function isBlockable(protocol: number): boolean {
  return PORT_PROTOCOLS.includes(protocol) || FAMILIES.some(({ icmp }) => icmp === protocol);
}

/** Whether a table has the number of rules that `createBlocks` creates. */
export function hasAllRules(rules: number): boolean {
  return rules === RULES;
}

/** Creates the table, in place of another of its name. */
export function createBlocks(sequence: number): Uint8Array {
  return batch(sequence, [
    ...newTable(BLOCKS_TABLE),
    ...FAMILIES.map((each, index) => setMessage(each, index + 1)),
    ...Object.entries(RAW_CHAINS).flatMap(([chain, hook]) => [
      rawChain(BLOCKS_TABLE, chain, hook),
      ...FAMILIES.flatMap((each) => rulesOf(chain, each)),
    ]),
  ]);
}

export function addBlocks(packets: readonly BlockedPackets[], seconds: number, sequence: number): Uint8Array {
  const messages = FAMILIES.flatMap(({ family, set }) => {
    const own = packets.filter((each) => each.family === family);
    if (own.length === 0) return [];
    return elementsMessage(NFT.newElements, set, own, (writer, each) =>
      writer
        .nest(ELEMENT.key, () => writer.octets(DATA_VALUE, keyOf(each)))
        .octets(ELEMENT.timeout, milliseconds(seconds * 1_000))
        .octets(ELEMENT.comment, comment(each.comment)),
    );
  });
  return batch(sequence, messages);
}

/** Fails with ENOENT, and removes none, if one of them has expired. */
export function removeBlocks(set: string, keys: readonly Uint8Array[], sequence: number): Uint8Array {
  return batch(sequence, [
    elementsMessage(NFT.deleteElements, set, keys, (writer, key) => writer.nest(ELEMENT.key, () => writer.octets(DATA_VALUE, key))),
  ]);
}

export const BLOCK_SETS = FAMILIES.map(({ set }) => set);

/** @param set one of BLOCK_SETS */
export function listBlocks(set: string, sequence: number): Uint8Array {
  return list(NFT.getElements, sequence).text(TABLE_NAME, BLOCKS_TABLE).text(ELEMENTS.set, set).finish().bytes;
}

/** @throws MalformedMessage */
export function* blocksIn(message: Uint8Array, set: string): Generator<ListedBlock> {
  const { family } = FAMILIES.find((each) => each.set === set) as FamilyOf;
  for (const { type, content } of attributesOf(message.subarray(NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES))) {
    if (type === ELEMENTS.list) for (const element of attributesOf(content)) yield toBlock(family, set, element.content);
  }
}

function toBlock(family: number, set: string, element: Uint8Array): ListedBlock {
  const attributes = attributesOf(element);
  const contentOf = (type: number): Uint8Array => attributes.find((each) => each.type === type)?.content ?? new Uint8Array();
  const key = attributesOf(contentOf(ELEMENT.key)).find(({ type }) => type === DATA_VALUE)?.content ?? new Uint8Array();
  const { source, sourcePort, destination, destinationPort } = keyLayout(family);
  const expiration = contentOf(ELEMENT.expiration);
  return {
    protocol: key[0] ?? 0,
    source: addressText(family, key, source),
    sourcePort: read16(key, sourcePort),
    destination: addressText(family, key, destination),
    destinationPort: read16(key, destinationPort),
    comment: textOf(contentOf(ELEMENT.comment).subarray(2)),
    expiresMilliseconds: expiration.length === 8 ? Number(Buffer.from(expiration).readBigUInt64BE()) : 0,
    set,
    key: key.slice(),
  };
}

/** Where the parts of a key begin, each padded to 4 bytes, after the protocol. */
function keyLayout(family: number): Record<'source' | 'sourcePort' | 'destination' | 'destinationPort' | 'length', number> {
  const address = addressBytes(family);
  return { source: 4, sourcePort: 4 + address, destination: 8 + address, destinationPort: 8 + 2 * address, length: 12 + 2 * address };
}

function keyOf({ family, protocol, source, sourcePort, destination, destinationPort }: BlockedPackets): Uint8Array {
  const layout = keyLayout(family);
  const key = Buffer.alloc(layout.length);
  key[0] = protocol;
  key.set(source, layout.source);
  key.writeUInt16BE(sourcePort, layout.sourcePort);
  key.set(destination, layout.destination);
  key.writeUInt16BE(destinationPort, layout.destinationPort);
  return key;
}

function milliseconds(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** As nft stores and shows it. */
function comment(text: string): Uint8Array {
  const bytes = Buffer.from(`${text}\0`, 'latin1');
  return Buffer.concat([Uint8Array.of(COMMENT_TYPE, bytes.length), bytes]);
}

function setMessage({ family, set, type }: FamilyOf, id: number): Message {
  const keyType = [KEY_TYPE.proto, type, KEY_TYPE.service, type, KEY_TYPE.service].reduce((all, part) => (all << 6) | part, 0);
  return {
    type: NFT.newSet,
    flags: NLM_F_CREATE,
    write: (writer) =>
      writer
        .text(TABLE_NAME, BLOCKS_TABLE)
        .text(SET.name, set)
        .word(SET.flags, SET_HAS_TIMEOUT)
        .word(SET.keyType, keyType)
        .word(SET.keyLength, keyLayout(family).length)
        .nest(SET.description, () => writer.word(SET_SIZE, SET_ELEMENTS_MAX))
        .word(SET.id, id),
  };
}

function elementsMessage<T>(type: number, set: string, items: readonly T[], write: (writer: MessageWriter, item: T) => void): Message {
  return {
    type,
    flags: type === NFT.newElements ? NLM_F_CREATE : 0,
    write: (writer) =>
      writer
        .text(TABLE_NAME, BLOCKS_TABLE)
        .text(ELEMENTS.set, set)
        .nest(ELEMENTS.list, () => {
          for (const item of items)
            writer.nest(LIST_ELEMENT, () => {
              write(writer, item);
            });
        }),
  };
}

/**
 * Packets in the set are rejected, TCP with a reset to their sender. A reset in the set passes, untracked, so that it reaches the other end:
 * the one that the kernel sends for a rejected packet has the tuple of the other direction.
 */
function rulesOf(chain: string, each: FamilyOf): readonly Message[] {
  const blocking = (protocol: number, write: (writer: RuleWriter) => void): Message =>
    rule(BLOCKS_TABLE, chain, (writer) => {
      writer.meta(META_KEY.nfproto).equal(Uint8Array.of(each.nfproto)).meta(META_KEY.l4proto).equal(Uint8Array.of(protocol));
      write(writer);
    });
  return [
    blocking(IPPROTO.tcp, (writer) => {
      writer.payload(HEADER.transport, TCP_FLAGS_AT, 1).mask(Uint8Array.of(RST)).equal(Uint8Array.of(RST));
      inSet(writer, each, 0, 2).notrack().verdict(VERDICT.accept);
    }),
    ...PORT_PROTOCOLS.map((protocol) =>
      blocking(protocol, (writer) => {
        inSet(writer, each, 0, 2);
        if (protocol === IPPROTO.tcp) writer.rejectWithReset();
        else writer.verdict(VERDICT.drop);
      }),
    ),
    blocking(each.icmp, (writer) => inSet(writer, each, ICMP_ID_AT, ICMP_ID_AT).verdict(VERDICT.drop)),
  ];
}

/** @param sourcePort,destinationPort where they are in the transport header */
function inSet(
  writer: RuleWriter,
  { family, set, source, destination }: FamilyOf,
  sourcePort: number,
  destinationPort: number,
): RuleWriter {
  const layout = keyLayout(family);
  const at = (offset: number): number => REGISTER_32 + offset / 4;
  return writer
    .meta(META_KEY.l4proto, REGISTER)
    .payload(HEADER.network, source, addressBytes(family), at(layout.source))
    .payload(HEADER.transport, sourcePort, 2, at(layout.sourcePort))
    .payload(HEADER.network, destination, addressBytes(family), at(layout.destination))
    .payload(HEADER.transport, destinationPort, 2, at(layout.destinationPort))
    .lookup(set);
}
