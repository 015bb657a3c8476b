import { type AddressField, NAT_KINDS, type NumberField, type Test } from './filter.ts';
import { STATE_NAMES, STATUS_NAMES } from './kernel-names.ts';

/** A field of the filter syntax. */
export type Field = NetworkField | CountField | NamedField;

/** What the documentation says about a field, in Markdown. */
interface Described {
  readonly meaning: string;
  /** Which entries do not have the field, so that no test of it matches. */
  readonly missing: string;
  /** Another name that is accepted and never written. */
  readonly alias?: string;
}

interface WithValue extends Described {
  /** What the values of the field are, for errors and for docs/filters.md. */
  readonly value: string;
}

interface NetworkField extends WithValue {
  readonly kind: 'network';
  readonly name: AddressField | 'natSource' | 'natDestination';
}

export interface CountField extends WithValue {
  readonly kind: 'number';
  readonly name: NumberField;
  readonly maximum: number;
}

export interface NamedField extends WithValue {
  readonly kind: 'name';
  readonly name: Exclude<Test['field'], NetworkField['name'] | NumberField>;
}

const MAX_8 = 0xff;
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;

const NEVER = 'no entry';
const OTHER_FAMILY = 'entries of the other family';
const NO_PORTS = 'ICMP and other protocols without ports';
const NOT_ICMP = 'every other protocol';
const NOT_SCTP = 'every other protocol';
const NO_ACCOUNTING = 'flows that began while the setting `acct` was off';

/** In the order of docs/filters.md, whose table is generated from this list. */
export const FIELDS: readonly Field[] = [
  named('family', 'ipv4 or ipv6', { meaning: 'address family', missing: NEVER }),
  named('protocol', 'the name or number of a protocol, such as tcp or 6', { alias: 'proto', meaning: 'protocol above IP', missing: NEVER }),
  network('source', { alias: 'src', meaning: 'source: the address that started the flow', missing: OTHER_FAMILY }),
  network('destination', { alias: 'dst', meaning: 'destination, before NAT', missing: OTHER_FAMILY }),
  network('replySource', { meaning: 'source of the replies: the destination after NAT', missing: OTHER_FAMILY }),
  network('replyDestination', { meaning: 'destination of the replies: the source after NAT', missing: OTHER_FAMILY }),
  network('address', { meaning: 'any of those four', missing: OTHER_FAMILY }),
  number('sourcePort', 'a port', MAX_16, { alias: 'sport', meaning: 'port of the source; call id of GRE', missing: NO_PORTS }),
  number('destinationPort', 'a port', MAX_16, { alias: 'dport', meaning: 'port of the destination, before NAT', missing: NO_PORTS }),
  number('replySourcePort', 'a port', MAX_16, { meaning: 'source port of the replies', missing: NO_PORTS }),
  number('replyDestinationPort', 'a port', MAX_16, { meaning: 'destination port of the replies', missing: NO_PORTS }),
  number('port', 'a port', MAX_16, { meaning: 'any of those four', missing: NO_PORTS }),
  number('icmpType', 'a type', MAX_8, { meaning: 'ICMP or ICMPv6 type of the original direction', missing: NOT_ICMP }),
  number('icmpCode', 'a code', MAX_8, { meaning: 'ICMP or ICMPv6 code of the original direction', missing: NOT_ICMP }),
  number('icmpId', 'an id', MAX_16, { meaning: 'ICMP or ICMPv6 id of the original direction', missing: NOT_ICMP }),
  named('state', `a state: ${STATE_NAMES.join(', ')}`, {
    meaning: 'state of TCP, SCTP or DCCP, see the names below',
    missing: 'every other protocol; offloaded flows',
  }),
  named('status', `a status: ${STATUS_NAMES.join(', ')}`, { meaning: "bit of the kernel's status, see the names below", missing: NEVER }),
  named('nat', `one of ${NAT_KINDS.join(', ')}`, { meaning: 'what NAT changed: the source, the destination', missing: NEVER }),
  network('natSource', { meaning: 'address that NAT put in place of the source', missing: 'flows whose source is not translated' }),
  network('natDestination', {
    meaning: 'address that NAT put in place of the destination',
    missing: 'flows whose destination is not translated',
  }),
  named('mark', 'a mark such as 16, 0x10 or, with a mask, 0x10/0xff', {
    meaning: 'connection mark; with a mask, only the bits of the mask',
    missing: `${NEVER}: an entry without a mark has mark 0`,
  }),
  number('zone', 'a zone', MAX_16, {
    meaning: 'zone of both directions; 0 for an entry without a zone',
    missing: 'entries with a zone of one direction only',
  }),
  number('originalZone', 'a zone', MAX_16, { meaning: 'zone of the original direction, else that of both, else 0', missing: NEVER }),
  number('replyZone', 'a zone', MAX_16, { meaning: 'zone of the reply direction, else that of both, else 0', missing: NEVER }),
  number('label', 'a label', 127, { meaning: 'number of a label that is set', missing: 'entries without labels' }),
  named('helper', 'the name of a helper, such as ftp', { meaning: 'helper of the flow', missing: 'flows without a helper' }),
  number('vtag', 'a tag', MAX_32, { meaning: 'SCTP verification tag of either direction; 0 until it is known', missing: NOT_SCTP }),
  number('originalVtag', 'a tag', MAX_32, { meaning: 'SCTP verification tag of the original direction', missing: NOT_SCTP }),
  number('replyVtag', 'a tag', MAX_32, { meaning: 'SCTP verification tag of the reply direction', missing: NOT_SCTP }),
  named('secctx', 'a security context, with %20 for a blank, %2C for a comma and so on', {
    meaning: 'security context of the flow, whole',
    missing: 'flows without a context',
  }),
  number('secmark', 'a mark', MAX_32, {
    meaning: 'security mark, in decimal',
    missing: 'every entry of kernels since 2.6.37, which report the context',
  }),
  number('timeout', 'seconds', MAX_32, { meaning: 'seconds until the entry expires', missing: 'offloaded flows' }),
  number('age', 'seconds', MAX_32, {
    meaning: 'whole seconds since the flow began',
    missing: 'flows that began while the setting `timestamp` was off',
  }),
  counter('packets', 'packets', 'packets of both directions together'),
  counter('bytes', 'bytes', 'bytes of both directions together'),
  counter('originalPackets', 'packets', 'packets of the original direction'),
  counter('originalBytes', 'bytes', 'bytes of the original direction'),
  counter('replyPackets', 'packets', 'packets of the reply direction'),
  counter('replyBytes', 'bytes', 'bytes of the reply direction'),
];

const BY_NAME: ReadonlyMap<string, Field> = new Map(
  FIELDS.flatMap((field) =>
    [field.name, ...(field.alias === undefined ? [] : [field.alias])].map((name) => [name.toLowerCase(), field] as const),
  ),
);

/** By name or alias, in upper or lower case. */
export function fieldNamed(name: string): Field | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** The greatest value of a number field. A counter above it counts as this value. */
export function maximumOf(name: NumberField): number {
  const field = fieldNamed(name);
  return field?.kind === 'number' ? field.maximum : Number.MAX_SAFE_INTEGER;
}

function named(name: NamedField['name'], value: string, described: Described): Field {
  return { kind: 'name', name, value, ...described };
}

function network(name: NetworkField['name'], described: Described): Field {
  return {
    kind: 'network',
    name,
    value: 'an address, a network such as 192.0.2.0/24 or 2001:db8::/32, or an address and its mask such as 10.0.0.7/255.0.0.255',
    ...described,
  };
}

function number(name: NumberField, noun: string, maximum: number, described: Described): Field {
  return { kind: 'number', name, value: `${noun} from 0 to ${String(maximum)}`, maximum, ...described };
}

function counter(name: NumberField, noun: string, meaning: string): Field {
  return number(name, noun, Number.MAX_SAFE_INTEGER, { meaning, missing: NO_ACCOUNTING });
}
