import type { SummaryKey, SummaryKeyParts } from '../../../../../src/domain/entry-summary.ts';
import { ABSENT } from '../../../../../src/kernel/entries/entry-view.ts';
import { addressOf, type Flow } from './flow.ts';

export interface NaiveSums {
  entries: number;
  counted: number;
  packets: number;
  bytes: number;
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 47: 'gre', 132: 'sctp' };
const TCP = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'];
const SCTP = [
  ...['NONE', 'CLOSED', 'COOKIE_WAIT', 'COOKIE_ECHOED', 'ESTABLISHED', 'SHUTDOWN_SENT', 'SHUTDOWN_RECD', 'SHUTDOWN_ACK_SENT'],
  ...['HEARTBEAT_SENT', 'HEARTBEAT_ACKED'],
];

/** The key of a flow as the summary should report it; `undefined` if it has none. */
export function naiveKey(by: SummaryKey, flow: Flow): SummaryKeyParts | undefined {
  const [source, destination, replySource, replyDestination] = flow.hosts.map((host) => addressOf(flow.family, host)) as Four;
  const protocol = { protocol: PROTOCOLS[flow.protocol] ?? 'unknown', protocolNumber: flow.protocol };
  const ports = flow.protocol === 47 ? undefined : flow.ports;
  switch (by) {
    case 'source':
      return { source };
    case 'destination':
      return { destination };
    case 'pair':
      return { source, destination };
    case 'sourcePort':
      return ports && { ...protocol, sourcePort: ports[0] };
    case 'destinationPort':
      return ports && { ...protocol, destinationPort: ports[1] };
    case 'protocol':
      return protocol;
    case 'state':
      return flow.state < 0 ? undefined : { ...protocol, state: stateOf(flow) };
    case 'mark':
      return { mark: flow.mark ?? 0 };
    case 'zone':
      return zoneOf(flow);
    case 'helper':
      // These flows have none: see the test of helpers.
      return undefined;
    case 'natSource':
      return (flow.status & 0x10) === 0 ? undefined : { natSource: replyDestination };
    case 'natDestination':
      return (flow.status & 0x20) === 0 ? undefined : { natDestination: replySource };
  }
}

type Four = [string, string, string, string];

function stateOf({ protocol, state }: Flow): string {
  const names = protocol === 6 ? TCP : protocol === 132 ? SCTP : [];
  return names[state] ?? String(state);
}

function zoneOf({ zone, originalZone, replyZone }: Flow): SummaryKeyParts {
  if (zone !== ABSENT) return { zone };
  if (originalZone !== ABSENT) return { originalZone: originalZone };
  return replyZone === ABSENT ? { zone: 0 } : { replyZone: replyZone };
}

/** Sums by key, which is JSON text; sums of entries without a key are under ''. */
export function naiveSums(by: SummaryKey, flows: readonly Flow[]): Map<string, NaiveSums> {
  const sums = new Map<string, NaiveSums>();
  for (const flow of flows) {
    const parts = naiveKey(by, flow);
    const key = parts ? keyText(parts) : '';
    const sum = sums.get(key) ?? { entries: 0, counted: 0, packets: 0, bytes: 0 };
    const counters = flow.counters.filter((each) => each !== undefined);
    sum.entries += 1;
    sum.counted += counters.length > 0 ? 1 : 0;
    for (const { packets, bytes } of counters) [sum.packets, sum.bytes] = [sum.packets + packets, sum.bytes + bytes];
    sums.set(key, sum);
  }
  return sums;
}

const SUMS = new Set(['entries', 'packets', 'bytes', 'error', 'estimate']);

/** The key of a row, without its sums. */
export function keyText(row: SummaryKeyParts): string {
  return JSON.stringify(
    Object.entries(row)
      .filter(([name]) => !SUMS.has(name))
      .sort(),
  );
}

export function toldSums({ entries, counted, packets, bytes }: NaiveSums): object {
  return counted === 0 ? { entries } : { entries, packets: String(packets), bytes: String(bytes) };
}
