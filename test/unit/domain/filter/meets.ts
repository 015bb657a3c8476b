import { BlockList } from 'node:net';
import { parseAddress } from '../../../../src/domain/filter/address.ts';
import type { Network } from '../../../../src/domain/entry.ts';
import type { Filter, NumberField, Test } from '../../../../src/domain/filter/filter.ts';
import { STATUS_BITS, STATE_NAMES } from '../../../../src/kernel/entries/entry-view.ts';
import type { PlainEntry } from './arbitrary-entry.ts';

/** What docs/filters.md says, as plainly as it can be written: what the fast code is held against. */
export function meets(filter: Filter, entry: PlainEntry): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.of.every((part) => meets(part, entry));
    case 'any':
      return filter.of.some((part) => meets(part, entry));
    case 'not':
      return !meets(filter.of, entry);
    case 'test':
      return meetsTest(filter.test, entry);
  }
}

function meetsTest(test: Test, entry: PlainEntry): boolean {
  if ('networks' in test) return addressesOf(test.field, entry).some((address) => isInAny(test.networks, entry.family, address));
  if ('ranges' in test) {
    return numbersOf(test.field, entry).some(
      (number) => number !== null && test.ranges.some(({ from, to }) => number >= from && number <= to),
    );
  }
  switch (test.field) {
    case 'family':
      return entry.family === test.family;
    case 'protocol':
      return test.protocols.includes(entry.protocol);
    case 'state':
      return entry.state !== null && test.states.includes(STATE_NAMES.get(entry.protocol)?.[entry.state] ?? '');
    case 'status':
      return STATUS_BITS.every((name, bit) => ((test.mask >> bit) & 1) === 0 || has(entry, name));
    case 'mark':
      return test.marks.some(({ value, mask }) => (BigInt(entry.mark ?? 0) & BigInt(mask)) === BigInt(value));
    case 'nat': {
      const [source, destination] = [has(entry, 'SRC_NAT'), has(entry, 'DST_NAT')];
      return { source, destination, any: source || destination, none: !source && !destination }[test.nat];
    }
    case 'helper':
      return entry.helper !== null && test.helpers.includes(entry.helper);
    case 'secctx':
      return entry.secctx !== null && test.contexts.includes(entry.secctx);
  }
}

function has({ status }: PlainEntry, name: (typeof STATUS_BITS)[number]): boolean {
  return ((status >> STATUS_BITS.indexOf(name)) & 1) === 1;
}

function isInAny(networks: readonly Network[], family: PlainEntry['family'], address: string): boolean {
  const list = new BlockList();
  const ofFamily = networks.filter((network) => network.family === family);
  for (const { address: first, prefixLength, mask } of ofFamily) if (mask === undefined) list.addSubnet(first, prefixLength, family);
  return list.check(address, family) || ofFamily.some(({ address: wanted, mask }) => mask !== undefined && isMasked(address, wanted, mask));
}

function isMasked(address: string, wanted: string, mask: string): boolean {
  const [found, value, bits] = [address, wanted, mask].map((text) => BigInt(`0x${Buffer.from(parseAddress(text) ?? []).toString('hex')}`));
  return found !== undefined && bits !== undefined && (found & bits) === value;
}

function addressesOf(field: Extract<Test, { networks: unknown }>['field'], entry: PlainEntry): readonly string[] {
  const { original, reply } = entry;
  return {
    source: [original.source],
    destination: [original.destination],
    replySource: [reply.source],
    replyDestination: [reply.destination],
    address: [original.source, original.destination, reply.source, reply.destination],
    natSource: has(entry, 'SRC_NAT') ? [reply.destination] : [],
    natDestination: has(entry, 'DST_NAT') ? [reply.source] : [],
  }[field];
}

function numbersOf(field: NumberField, entry: PlainEntry): readonly (number | null)[] {
  const { original, reply, zone } = entry;
  const ports = [...(original.ports ?? []), ...(reply.ports ?? [])];
  const [icmpType = null, icmpCode = null, icmpId = null] = original.icmp ?? [];
  return {
    sourcePort: [ports[0] ?? null],
    destinationPort: [ports[1] ?? null],
    replySourcePort: [ports[2] ?? null],
    replyDestinationPort: [ports[3] ?? null],
    port: ports,
    icmpType: [icmpType],
    icmpCode: [icmpCode],
    icmpId: [icmpId],
    timeout: [entry.timeout],
    age: [entry.ageSeconds?.value ?? null],
    packets: [sum(original.counters?.[0], reply.counters?.[0])],
    bytes: [sum(original.counters?.[1], reply.counters?.[1])],
    originalPackets: [sum(original.counters?.[0])],
    originalBytes: [sum(original.counters?.[1])],
    replyPackets: [sum(reply.counters?.[0])],
    replyBytes: [sum(reply.counters?.[1])],
    zone: [zone === null ? 0 : zone.of === 'both' ? zone.id : null],
    originalZone: [zone === null || zone.of === 'reply' ? 0 : zone.id],
    replyZone: [zone === null || zone.of === 'original' ? 0 : zone.id],
    label: entry.labels ?? [],
    vtag: [original.vtag, reply.vtag],
    originalVtag: [original.vtag],
    replyVtag: [reply.vtag],
    secmark: [entry.secmark],
  }[field];
}

function sum(...counters: readonly (number | undefined)[]): number | null {
  const known = counters.filter((counter) => counter !== undefined);
  const total = known.reduce((a, b) => a + b, 0);
  return known.length === 0 ? null : Math.min(total, Number.MAX_SAFE_INTEGER);
}
