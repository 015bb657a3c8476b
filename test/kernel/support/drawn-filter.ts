import type { Entry, Network } from '../../../src/domain/entry.ts';
import type { Filter, NumberField, NumberRange, Test } from '../../../src/domain/filter/filter.ts';
import { parseNetwork } from '../../../src/domain/filter/network.ts';

/** Returns one of the entries, a different one each time. */
type Pick = () => Entry;
type NetworkField = Extract<Test, { networks: unknown }>['field'];

const ADDRESS_BITS = { ipv4: 32, ipv6: 128 } as const;

/**
 * The same filter with values from entries of the table, so that it often selects some. Tests of time become tests of ports, because times
 * change between dumps.
 */
export function drawn(filter: Filter, pick: Pick): Filter {
  switch (filter.kind) {
    case 'all':
    case 'any':
      return { kind: filter.kind, of: filter.of.map((part) => drawn(part, pick)) };
    case 'not':
      return { kind: 'not', of: drawn(filter.of, pick) };
    case 'test':
      return { kind: 'test', test: drawnTest(filter.test, pick) };
  }
}

function drawnTest(test: Test, pick: Pick): Test {
  if ('networks' in test) return { ...test, networks: test.networks.map((network) => drawnNetwork(test.field, network, pick())) };
  if ('ranges' in test) {
    const field = test.field === 'timeout' || test.field === 'age' ? 'destinationPort' : test.field;
    return { field, ranges: test.ranges.map((range) => drawnRange(field, range, pick)) };
  }
  switch (test.field) {
    case 'protocol':
      return { ...test, protocols: test.protocols.map(() => pick().protocolNumber) };
    case 'state':
      return { ...test, states: test.states.map((state) => pick().state ?? state) };
    case 'mark':
      return { ...test, marks: test.marks.map(({ mask }) => ({ value: ((pick().mark ?? 0) & mask) >>> 0, mask })) };
    case 'family':
    case 'status':
    case 'nat':
    case 'helper':
    case 'secctx':
      return test;
  }
}

function drawnNetwork(field: NetworkField, network: Network, { family, original, reply }: Entry): Network {
  const address = {
    source: original.source,
    destination: original.destination,
    replySource: reply.source,
    replyDestination: reply.destination,
    address: reply.destination,
    natSource: reply.destination,
    natDestination: reply.source,
  }[field];
  if (network.mask !== undefined && family === network.family) return parseNetwork(`${address}/${network.mask}`) ?? network;
  const whole = network.prefixLength === ADDRESS_BITS[network.family];
  const prefixLength = whole ? ADDRESS_BITS[family] : Math.min(network.prefixLength, ADDRESS_BITS[family]);
  return parseNetwork(`${address}/${prefixLength}`) ?? network;
}

function drawnRange(field: NumberField, range: NumberRange, pick: Pick): NumberRange {
  const [first = range.from, second = range.to] = [numberOf(field, pick()), numberOf(field, pick())];
  return range.from === range.to ? { from: first, to: first } : { from: Math.min(first, second), to: Math.max(first, second) };
}

/** Fields that do not change. Other fields, and those that differ little between entries, keep their value in the filter. */
function numberOf(field: NumberField, { original, reply, zone = 0 }: Entry): number | undefined {
  const numbers: Partial<Record<NumberField, number | undefined>> = {
    sourcePort: original.sourcePort,
    port: original.sourcePort,
    destinationPort: original.destinationPort,
    replySourcePort: reply.sourcePort,
    replyDestinationPort: reply.destinationPort,
    ...{ vtag: original.vtag, originalVtag: original.vtag, replyVtag: reply.vtag },
    ...{ zone, originalZone: zone, replyZone: zone },
    icmpType: original.icmpType,
    icmpCode: original.icmpCode,
    icmpId: original.icmpId,
  };
  return numbers[field];
}
