import { type AddressField, NAT_KINDS, type NumberField, type Test } from './filter.ts';
import { STATE_NAMES, STATUS_NAMES } from './kernel-names.ts';

/** A field of the filter syntax. */
export type Field = NetworkField | CountField | NamedField;

interface Described {
  /** What the field's values are, for errors and for docs/filters.md. */
  readonly value: string;
  /** Other names that are understood and never written. */
  readonly aliases: readonly string[];
}

export interface NetworkField extends Described {
  readonly kind: 'network';
  readonly name: AddressField | 'natSource' | 'natDestination';
}

export interface CountField extends Described {
  readonly kind: 'number';
  readonly name: NumberField;
  readonly maximum: number;
}

export interface NamedField extends Described {
  readonly kind: 'name';
  readonly name: Exclude<Test['field'], NetworkField['name'] | NumberField>;
}

const MAX_8 = 0xff;
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;

/** In the order of the documentation. */
export const FIELDS: readonly Field[] = [
  named('family', 'ipv4 or ipv6'),
  named('protocol', 'the name or number of a protocol, such as tcp or 6', 'proto'),
  network('source', 'src'),
  network('destination', 'dst'),
  network('replySource'),
  network('replyDestination'),
  network('address'),
  number('sourcePort', 'a port', MAX_16, 'sport'),
  number('destinationPort', 'a port', MAX_16, 'dport'),
  number('replySourcePort', 'a port', MAX_16),
  number('replyDestinationPort', 'a port', MAX_16),
  number('port', 'a port', MAX_16),
  number('icmpType', 'a type', MAX_8),
  number('icmpCode', 'a code', MAX_8),
  number('icmpId', 'an id', MAX_16),
  named('state', `a state: ${STATE_NAMES.join(', ')}`),
  named('status', `a status: ${STATUS_NAMES.join(', ')}`),
  named('nat', `one of ${NAT_KINDS.join(', ')}`),
  network('natSource'),
  network('natDestination'),
  named('mark', 'a mark such as 16, 0x10 or, with a mask, 0x10/0xff'),
  number('zone', 'a zone', MAX_16),
  number('originalZone', 'a zone', MAX_16),
  number('replyZone', 'a zone', MAX_16),
  number('label', 'a label', 127),
  named('helper', 'the name of a helper, such as ftp'),
  number('timeout', 'seconds', MAX_32),
  number('age', 'seconds', MAX_32),
  number('packets', 'packets', Number.MAX_SAFE_INTEGER),
  number('bytes', 'bytes', Number.MAX_SAFE_INTEGER),
  number('originalPackets', 'packets', Number.MAX_SAFE_INTEGER),
  number('originalBytes', 'bytes', Number.MAX_SAFE_INTEGER),
  number('replyPackets', 'packets', Number.MAX_SAFE_INTEGER),
  number('replyBytes', 'bytes', Number.MAX_SAFE_INTEGER),
];

const BY_NAME: ReadonlyMap<string, Field> = new Map(
  FIELDS.flatMap((field) => [field.name, ...field.aliases].map((name) => [name.toLowerCase(), field] as const)),
);

/** By name or alias, in upper or lower case. */
export function fieldNamed(name: string): Field | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** The greatest value of a number field; of counters, what all greater ones count as. */
export function maximumOf(name: NumberField): number {
  const field = fieldNamed(name);
  return field?.kind === 'number' ? field.maximum : Number.MAX_SAFE_INTEGER;
}

function named(name: NamedField['name'], value: string, ...aliases: readonly string[]): Field {
  return { kind: 'name', name, value, aliases };
}

function network(name: NetworkField['name'], ...aliases: readonly string[]): Field {
  return { kind: 'network', name, value: 'an address or a network such as 192.0.2.0/24 or 2001:db8::/32', aliases };
}

function number(name: NumberField, noun: string, maximum: number, ...aliases: readonly string[]): Field {
  return { kind: 'number', name, value: `${noun} from 0 to ${String(maximum)}`, maximum, aliases };
}
