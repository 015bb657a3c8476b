import { batch, HEADER, META_KEY, newTable, RAW_CHAINS, rawChain, rule, type Message } from './nft-batch.ts';

const ADDRESS_TYPE = 3; // NFT_FIB_RESULT_ADDRTYPE
const RTN_LOCAL = 2;
const IPPROTO_TCP = 6;
/** The offset of the port in the TCP header, and NFTA_FIB_F_SADDR or NFTA_FIB_F_DADDR. */
const ENDS = [
  { port: 0, address: 1 },
  { port: 2, address: 2 },
] as const;

/**
 * Replaces a table of this name, if there is one, by one that exempts connections to the port of this host from connection tracking. Connections
 * that this host forwards do not match: they have no local address.
 */
export function replaceTable(name: string, port: number, sequence: number): Uint8Array {
  return batch(sequence, [
    ...newTable(name),
    ...Object.entries(RAW_CHAINS).flatMap(([chain, hook]) => [
      rawChain(name, chain, hook),
      ...ENDS.map((end) => untrackedRule(name, chain, port, end)),
    ]),
  ]);
}

/** `tcp dport PORT fib daddr type local notrack`. The port first: a lookup of the address of every packet would slow down a router. */
function untrackedRule(table: string, chain: string, port: number, end: (typeof ENDS)[number]): Message {
  return rule(table, chain, (writer) =>
    writer
      .meta(META_KEY.l4proto)
      .equal(Uint8Array.of(IPPROTO_TCP))
      .payload(HEADER.transport, end.port, 2)
      .equal(Uint8Array.of(port >> 8, port & 0xff))
      .fib(ADDRESS_TYPE, end.address)
      .equal(new Uint8Array(Uint32Array.of(RTN_LOCAL).buffer))
      .notrack(),
  );
}
