import fc from 'fast-check';
import type { Network } from '../../../../src/domain/entry.ts';
import { allOf, anyOf, notOf } from '../../../../src/domain/filter/common-filter.ts';
import { FIELDS } from '../../../../src/domain/filter/fields.ts';
import {
  EVERY_ENTRY,
  type Filter,
  NAT_KINDS,
  type NumberField,
  type NumberRange,
  type Test,
} from '../../../../src/domain/filter/filter.ts';
import { STATE_NAMES, STATUS_NAMES } from '../../../../src/domain/filter/kernel-names.ts';
import { parseNetwork } from '../../../../src/domain/filter/network.ts';

/** Few values, so that filters and entries often meet. */
export const ADDRESSES = {
  ipv4: ['10.0.0.1', '10.0.0.2', '10.1.0.1', '192.0.2.7', '255.255.255.255'],
  ipv6: ['2001:db8::1', '2001:db8::2', '2001:db8:1::1', 'fe80::1', '::ffff:10.0.0.1'],
} as const;
export const PROTOCOLS = [1, 6, 17, 33, 47, 58, 132, 136, 200] as const;
export const CONTEXTS = ['system_u:object_r:http_packet_t:s0:c1,c2', '_', 'a (b) = %20 \u00e4<!>'] as const;
export const HELPERS = ['ftp', 'sip', 'Q.931', 'and'] as const;
export const MARKS = [0, 1, 0x10, 0x11, 0x80000000, 0xffffffff] as const;
/** Also used for counters and ages. */
export const NUMBERS = [0, 1, 3, 22, 80, 100, 127, 443, 65_535, 70_000, 4_294_967_295, 2 ** 40, Number.MAX_SAFE_INTEGER] as const;

/** Some are prefixes. */
const MASKS = {
  ipv4: ['255.0.0.255', '0.0.0.1', '128.0.0.0', '255.255.0.0', '0.0.0.0', '255.255.255.253'],
  ipv6: ['ffff::ffff', '::1', 'ffff:ffff::', '::', 'ffff:0:ffff::ff00:ff'],
} as const;

const masked: fc.Arbitrary<Network> = fc
  .oneof(
    fc.tuple(fc.constantFrom(...ADDRESSES.ipv4), fc.constantFrom(...MASKS.ipv4)),
    fc.tuple(fc.constantFrom(...ADDRESSES.ipv6), fc.constantFrom(...MASKS.ipv6)),
  )
  .map(([address, mask]) => parseNetwork(`${address}/${mask}`) as Network);

const prefixed: fc.Arbitrary<Network> = fc
  .oneof(
    fc.tuple(fc.constantFrom(...ADDRESSES.ipv4), fc.constantFrom(32, 32, 31, 24, 8, 1, 0)),
    fc.tuple(fc.constantFrom(...ADDRESSES.ipv6), fc.constantFrom(128, 128, 127, 64, 48, 3, 0)),
  )
  .map(([address, length]) => parseNetwork(`${address}/${String(length)}`) as Network);

const network = fc.oneof({ weight: 3, arbitrary: prefixed }, { weight: 1, arbitrary: masked });

const list = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(
    { weight: 2, arbitrary: value.map((only) => [only]) },
    { weight: 1, arbitrary: fc.array(value, { minLength: 1, maxLength: 4 }) },
  );

function ranges(maximum: number): fc.Arbitrary<NumberRange[]> {
  const number = fc.constantFrom(...NUMBERS.filter((value) => value <= maximum), maximum);
  return list(
    fc.oneof(
      number.map((value) => ({ from: value, to: value })),
      fc.tuple(number, number).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
    ),
  );
}

function numberTest(field: NumberField): fc.Arbitrary<Test> {
  const found = FIELDS.find(({ name }) => name === field);
  return ranges(found?.kind === 'number' ? found.maximum : 0).map((of) => ({ field, ranges: of }));
}

const mark = fc.tuple(fc.constantFrom(...MARKS), fc.constantFrom(0xffffffff, 0xffffffff, 0xff, 0x80000001, 0));

const namedTests: readonly fc.Arbitrary<Test>[] = [
  fc.constantFrom('ipv4', 'ipv6').map((family) => ({ field: 'family', family })),
  list(fc.constantFrom(...PROTOCOLS)).map((protocols) => ({ field: 'protocol', protocols })),
  list(fc.constantFrom(...STATE_NAMES)).map((states) => ({ field: 'state', states })),
  fc.nat(STATUS_NAMES.length - 1).map((bit) => ({ field: 'status', mask: 1 << bit })),
  list(mark.map(([value, mask]) => ({ value: (value & mask) >>> 0, mask }))).map((marks) => ({ field: 'mark', marks })),
  fc.constantFrom(...NAT_KINDS).map((nat) => ({ field: 'nat', nat })),
  list(fc.constantFrom(...HELPERS)).map((helpers) => ({ field: 'helper', helpers })),
  list(fc.constantFrom(...CONTEXTS)).map((contexts) => ({ field: 'secctx', contexts })),
];

export const arbitraryTest: fc.Arbitrary<Test> = fc.oneof(
  ...namedTests,
  ...FIELDS.filter(({ kind }) => kind === 'number').map(({ name }) => numberTest(name as NumberField)),
  ...FIELDS.flatMap((field) =>
    field.kind === 'network' ? [list(network).map((networks): Test => ({ field: field.name, networks }))] : [],
  ),
);

const leaf: fc.Arbitrary<Filter> = arbitraryTest.map((test) => ({ kind: 'test', test }));

/** As parseFilter makes them. */
export const arbitraryFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'filter' },
    { weight: 5, arbitrary: leaf },
    { weight: 4, arbitrary: fc.array(tie('filter'), { maxLength: 4 }).map((of) => allOf(...of)) },
    { weight: 2, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((of) => anyOf(...of)) },
    { weight: 2, arbitrary: tie('filter').map(notOf) },
    { weight: 1, arbitrary: fc.constant(EVERY_ENTRY) },
  ),
})).filter;

const severalBits = fc.nat(0xffff).map((mask): Filter => ({ kind: 'test', test: { field: 'status', mask } }));

/** As other code may make them: not simplified, statuses of several bits. */
export const arbitraryRawFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'raw filter' },
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: severalBits },
    { weight: 4, arbitrary: fc.array(tie('filter'), { maxLength: 4 }).map((of): Filter => ({ kind: 'all', of })) },
    { weight: 2, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((of): Filter => ({ kind: 'any', of })) },
    { weight: 2, arbitrary: tie('filter').map((of): Filter => ({ kind: 'not', of })) },
  ),
})).filter;
