import type { Network } from '../../domain/entry.ts';
import type { AddressField, NumberRange } from '../../domain/filter/filter.ts';
import { networkOctets } from '../../domain/filter/network.ts';
import { AF_INET, type EntryView, type Matcher, STATUS } from './entry-view.ts';
import { rangesMatcher } from './matcher-ranges.ts';

type IsWanted = (view: EntryView, at: number) => boolean;

/** Whether an address that `field` selects is in one of the networks. A network of the other family contains no address. */
export function addressMatcher(field: AddressField | 'natSource' | 'natDestination', networks: readonly Network[]): Matcher {
  const isWanted = networksMatcher(networks);
  switch (field) {
    case 'source':
      return (view) => isWanted(view, view.original.source);
    case 'destination':
      return (view) => isWanted(view, view.original.destination);
    case 'replySource':
      return (view) => isWanted(view, view.reply.source);
    case 'replyDestination':
      return (view) => isWanted(view, view.reply.destination);
    case 'address':
      return (view) =>
        isWanted(view, view.original.source) ||
        isWanted(view, view.original.destination) ||
        isWanted(view, view.reply.source) ||
        isWanted(view, view.reply.destination);
    case 'natSource':
      return (view) => (view.status & STATUS.sourceNat) !== 0 && isWanted(view, view.reply.destination);
    case 'natDestination':
      return (view) => (view.status & STATUS.destinationNat) !== 0 && isWanted(view, view.reply.source);
  }
}

function networksMatcher(networks: readonly Network[]): IsWanted {
  const isIpv4 = rangesMatcher(networks.filter(({ family }) => family === 'ipv4').map(ipv4Range));
  const prefixes = networks.filter(({ family }) => family === 'ipv6').map(ipv6Prefix);
  return ({ bytes, family }, at) => (family === AF_INET ? isIpv4(word(bytes, at)) : isInAny(prefixes, bytes, at));
}

function ipv4Range(network: Network): NumberRange {
  const from = word(networkOctets(network), 0);
  return { from, to: from + 2 ** (32 - network.prefixLength) - 1 };
}

/** Network and mask, 16 octets each. */
interface Prefix {
  readonly octets: Uint8Array;
  readonly mask: Uint8Array;
}

function ipv6Prefix(network: Network): Prefix {
  const all = { family: 'ipv6', address: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', prefixLength: network.prefixLength } as const;
  return { octets: networkOctets(network), mask: networkOctets(all) };
}

function isInAny(prefixes: readonly Prefix[], bytes: Uint8Array, at: number): boolean {
  for (const prefix of prefixes) {
    if (isIn(prefix, bytes, at)) return true;
  }
  return false;
}

function isIn({ octets, mask }: Prefix, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < octets.length; index += 1) {
    if (((bytes[at + index] as number) & (mask[index] as number)) !== octets[index]) return false;
  }
  return true;
}

function word(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
  return (high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0;
}
