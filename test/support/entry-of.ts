import type { Entry } from '../../src/domain/entry.ts';

const NUMBERS = { tcp: 6, udp: 17 } as const;

/** One of many flows from 10.0.0.5 to 192.0.2.10; they differ in the source port. */
export function entryOf({ index, protocol }: { readonly index: number; readonly protocol: keyof typeof NUMBERS }): Entry {
  const [source, destination, sourcePort, destinationPort] = ['10.0.0.5', '192.0.2.10', 1_024 + index, 443];
  const ports = `${sourcePort.toString(16).padStart(4, '0')}01bb`;
  return {
    id: `04${protocol === 'tcp' ? '06' : '11'}0a000005c000020a${ports}030000-${index.toString(16).padStart(8, '0')}`,
    family: 'ipv4',
    protocol,
    protocolNumber: NUMBERS[protocol],
    ...(protocol === 'tcp' && { state: 'ESTABLISHED' }),
    timeoutSeconds: 100,
    status: ['SEEN_REPLY', 'ASSURED', 'CONFIRMED'],
    original: { source, destination, sourcePort, destinationPort, packets: '2', bytes: '120' },
    reply: { source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort },
    mark: 7,
  };
}
