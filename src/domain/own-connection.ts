import type { Entry } from './entry.ts';
import type { Filter } from './filter/filter.ts';
import { parseFilter } from './filter/parse-filter.ts';

/** The TCP connection of a request, as this host has it. */
export interface OwnConnection {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

/** Selects its entry: its replies come from the local end, whatever NAT does. */
export function filterOf({ local, localPort, remote, remotePort }: OwnConnection): Filter {
  const ends = `replySource=${local} and replySourcePort=${localPort} and replyDestination=${remote} and replyDestinationPort=${remotePort}`;
  return parseFilter(`protocol=tcp and ${ends}`);
}

export function isOwn({ protocol, reply }: Entry, own: OwnConnection): boolean {
  const isLocal = reply.source === own.local && reply.sourcePort === own.localPort;
  return protocol === 'tcp' && isLocal && reply.destination === own.remote && reply.destinationPort === own.remotePort;
}
