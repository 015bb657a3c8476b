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
  const ofIpv4 = networks.filter(({ family }) => family === 'ipv4');
  const isInRange = rangesMatcher(ofIpv4.filter(({ mask }) => mask === undefined).map(ipv4Range));
  const ipv4 = ofIpv4.filter(({ mask }) => mask !== undefined).map(networkOctets);
  const ipv6 = networks.filter(({ family }) => family === 'ipv6').map(networkOctets);
  const isIpv4: IsWanted =
    ipv4.length === 0
      ? ({ bytes }, at) => isInRange(word(bytes, at))
      : ({ bytes }, at) => isInRange(word(bytes, at)) || isInAny(ipv4, bytes, at);
  return (view, at) => (view.family === AF_INET ? isIpv4(view, at) : isInAny(ipv6, view.bytes, at));
}

function ipv4Range(network: Network): NumberRange {
  const from = word(networkOctets(network).octets, 0);
  return { from, to: from + 2 ** (32 - network.prefixLength) - 1 };
}

type Masked = ReturnType<typeof networkOctets>;

function isInAny(networks: readonly Masked[], bytes: Uint8Array, at: number): boolean {
  for (const network of networks) {
    if (isIn(network, bytes, at)) return true;
  }
  return false;
}

function isIn({ octets, mask }: Masked, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < octets.length; index += 1) {
    if (((bytes[at + index] as number) & (mask[index] as number)) !== octets[index]) return false;
  }
  return true;
}

function word(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16);
  return (high | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0;
}
