import type { Entry, Tuple } from '../../../src/domain/entry.ts';

const LAYER_3 = { ipv4: '<layer3 protonum="2" protoname="ipv4">', ipv6: '<layer3 protonum="10" protoname="ipv6">' } as const;

/** An entry as `conntrack -L -o xml` prints it, without the ICMP fields. */
export function asXml(entry: Entry): string {
  return `<flow>${direction('original', entry, entry.original)}${direction('reply', entry, entry.reply)}${rest(entry)}</flow>`;
}

function direction(name: string, { family, protocol, protocolNumber }: Entry, tuple: Tuple): string {
  const { source, destination, sourcePort, destinationPort, sourceKey, destinationKey, packets, bytes } = tuple;
  const hexadecimal = (key: number | undefined): string | undefined => (key === undefined ? undefined : `0x${key.toString(16)}`);
  const ends = element('sport', sourcePort) + element('dport', destinationPort);
  const keys = element('srckey', hexadecimal(sourceKey)) + element('dstkey', hexadecimal(destinationKey));
  const layer3 = `${LAYER_3[family]}${element('src', source)}${element('dst', destination)}</layer3>`;
  const layer4 = `<layer4 protonum="${protocolNumber}" protoname="${protocol}">${ends}${keys}</layer4>`;
  const counters = packets === undefined ? '' : `<counters>${element('packets', packets)}${element('bytes', bytes)}</counters>`;
  return `<meta direction="${name}">${layer3}${layer4}${counters}</meta>`;
}

function rest(entry: Entry): string {
  const { state, timeoutSeconds, mark, zone, use, id, status } = entry;
  const fields = [
    element('state', state),
    element('timeout', timeoutSeconds),
    element('mark', mark),
    element('zone', zone),
    element('use', use),
    element('id', Number.parseInt(id.split('-')[1] ?? '', 16)),
    status.includes('ASSURED') ? '<assured/>' : '',
    status.includes('SEEN_REPLY') ? '' : '<unreplied/>',
  ];
  return `<meta direction="independent">${fields.join('')}</meta>`;
}

function element(name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `<${name}>${value}</${name}>`;
}
