import type { Entry } from '../../../src/domain/entry.ts';
import type { NetworkNamespace } from './network-namespace.ts';

const ORIGINAL = /^\S+ +\d+ (\S+) .*?src=(\S+) dst=(\S+) (?:sport=(\d+) dport=(\d+)|type=(\d+) code=(\d+) id=(\d+))/;

/** The original tuples that `conntrack -L` shows, one string each, sorted. Both families unless `args` selects one. */
export async function listedByConntrack(namespace: NetworkNamespace, args: readonly string[] = []): Promise<string[]> {
  const families = args.includes('-f')
    ? [[]]
    : [
        ['-f', 'ipv4'],
        ['-f', 'ipv6'],
      ];
  const texts = await Promise.all(families.map((family) => namespace.run('conntrack', ['-L', '-o', 'extended', ...family, ...args])));
  return texts
    .flatMap((text) => text.split('\n').filter(Boolean))
    .map((line) => {
      const match = ORIGINAL.exec(line);
      if (!match) throw new Error(`conntrack -L printed an unknown line: ${line}`);
      return match.slice(1).filter(Boolean).join(' ');
    })
    .sort();
}

/** An entry's original tuple in the same form. */
export function tupleOf({ protocol, original }: Entry): string {
  const { source, destination, sourcePort, destinationPort, icmpType, icmpCode, icmpId } = original;
  return [protocol, source, destination, sourcePort, destinationPort, icmpType, icmpCode, icmpId]
    .filter((part) => part !== undefined)
    .join(' ');
}
