import type { Entry, EntryFilter, Network } from '../../domain/entry.ts';
import { addressHex } from './ip-address.ts';

type Predicate = (entry: Entry) => boolean;

/** All parts of the filter together; the work that does not depend on the entry is done once. */
export function entryMatcher(filter: EntryFilter): Predicate {
  const { family, protocol, state, source, destination, sourcePort, destinationPort, mark } = filter;
  const parts: readonly (Predicate | false)[] = [
    family !== undefined && ((entry) => entry.family === family),
    protocol !== undefined && isProtocol(protocol),
    state !== undefined && isState(state),
    sourcePort !== undefined && ((entry) => entry.original.sourcePort === sourcePort),
    destinationPort !== undefined && ((entry) => entry.original.destinationPort === destinationPort),
    mark !== undefined && ((entry) => entry.mark === mark),
    source !== undefined && isIn(source, 'source'),
    destination !== undefined && isIn(destination, 'destination'),
  ];
  const asked = parts.filter((part) => part !== false);
  return (entry) => asked.every((part) => part(entry));
}

function isProtocol(wanted: string): Predicate {
  if (/^\d+$/.test(wanted)) return (entry) => entry.protocolNumber === Number(wanted);
  const name = wanted.toLowerCase();
  return (entry) => entry.protocol === name;
}

function isState(wanted: string): Predicate {
  const state = wanted.toUpperCase();
  return (entry) => entry.state === state;
}

/** Compares the whole hexadecimal digits of the prefix as text and the bits left over as a number. */
function isIn(network: Network, end: 'source' | 'destination'): Predicate {
  const base = addressHex(network.family, network.address);
  if (base === undefined) return () => false;
  const digits = Math.floor(network.prefixLength / 4);
  const dropped = 4 - (network.prefixLength % 4);
  const prefix = base.slice(0, digits);
  const bits = digitAt(base, digits) >> dropped;
  return ({ family, original }) => {
    const hex = family === network.family ? addressHex(family, original[end]) : undefined;
    return hex !== undefined && hex.startsWith(prefix) && (dropped === 4 || digitAt(hex, digits) >> dropped === bits);
  };
}

function digitAt(hex: string, index: number): number {
  return Number.parseInt(hex.charAt(index) || '0', 16);
}
