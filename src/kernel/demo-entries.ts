const ADDRESS = {
  ipv4: {
    client: (n: number) => `192.0.2.${String(1 + (n % 60))}`,
    server: (n: number) => `198.51.100.${String(1 + (n % 12))}`,
    nat: '203.0.113.1',
  },
  ipv6: { client: (n: number) => ipv6(0x10 + (n % 40)), server: (n: number) => ipv6(0xf000 + (n % 8)), nat: ipv6(0xffff) },
} as const;

const DAY_SECONDS = 86_400;
const TCP_STATES = ['ESTABLISHED', 'ESTABLISHED', 'ESTABLISHED', 'ESTABLISHED', 'TIME_WAIT', 'CLOSE_WAIT', 'FIN_WAIT', 'SYN_SENT'] as const;
const TCP_TIMEOUT_SECONDS = { ESTABLISHED: 5 * DAY_SECONDS, TIME_WAIT: 120, CLOSE_WAIT: 60, FIN_WAIT: 120, SYN_SENT: 120 } as const;
const TCP_PORTS = [443, 443, 443, 80, 22, 5432, 6379];
const UDP_PORTS = [53, 53, 443, 123];

/** One flow as the kernel prints it. The same `n` gives the same line. Addresses come from the documentation ranges. */
export function demoEntryLine(n: number): string {
  const kind = n % 20;
  if (kind < 12) return tcpLine(n);
  if (kind < 17) return udpLine(n);
  return kind < 19 ? icmpLine(n) : rareLine(n);
}

interface Flow {
  /** `tcp      6`, as the kernel pads it. */
  readonly protocol: string;
  /** Timeout and state, if the protocol has them. */
  readonly head: string;
  readonly original: string;
  readonly reply: string;
  readonly replied: boolean;
  /** `[ASSURED] `, `[OFFLOAD] ` or nothing. */
  readonly flag: string;
}

function line(n: number, flow: Flow): string {
  const { client, server, nat } = family(n);
  const [from, to] = [client(n), server(n * 7)];
  const translated = n % 3 === 0 ? nat : from;
  const packets = 1 + ((n * 37) % 900);
  const there = `${flow.original} packets=${String(packets)} bytes=${String(packets * 131)}`;
  const back = flow.replied ? `packets=${String(packets - (packets >> 2))} bytes=${String(packets * 977)}` : 'packets=0 bytes=0';
  const layer3 = isIpv6(n) ? 'ipv6     10' : 'ipv4     2';
  return (
    `${layer3} ${flow.protocol} ${flow.head}src=${from} dst=${to} ${there} ${flow.replied ? '' : '[UNREPLIED] '}` +
    `src=${to} dst=${translated} ${flow.reply} ${back} ${flow.flag}mark=${String(n % 4 === 0 ? 0 : 16 * (n % 4))} ` +
    `zone=${String(n % 100 === 0 ? 7 : 0)} delta-time=${String((n * 53) % 90_000)} use=2\n`
  );
}

function tcpLine(n: number): string {
  const state = TCP_STATES[Math.floor(n / 20) % TCP_STATES.length] ?? 'ESTABLISHED';
  const offloaded = n % 97 === 0;
  const replied = state !== 'SYN_SENT' || offloaded;
  const head = offloaded ? '' : `${String(TCP_TIMEOUT_SECONDS[state] - (n % 60))} ${state} `;
  return line(n, {
    protocol: 'tcp      6',
    head,
    ...ports(n, TCP_PORTS),
    replied,
    flag: offloaded ? '[OFFLOAD] ' : replied ? '[ASSURED] ' : '',
  });
}

function udpLine(n: number): string {
  const assured = n % 4 === 0;
  const head = `${String((assured ? 120 : 30) - (n % 30))} `;
  return line(n, {
    protocol: 'udp      17',
    head,
    ...ports(n, UDP_PORTS),
    replied: n % 3 !== 1 || assured,
    flag: assured ? '[ASSURED] ' : '',
  });
}

function icmpLine(n: number): string {
  const [protocol, request, reply] = isIpv6(n) ? ['icmpv6   58', 128, 129] : ['icmp     1', 8, 0];
  const tuple = (type: number): string => `type=${String(type)} code=0 id=${String(n)}`;
  return line(n, {
    protocol,
    head: `${String(1 + (n % 29))} `,
    original: tuple(request),
    reply: tuple(reply),
    replied: n % 5 !== 0,
    flag: '',
  });
}

function rareLine(n: number): string {
  const head = `${String(500 + (n % 100))} `;
  // They differ only in their addresses, which repeat for a larger n.
  if (n < 60) return line(n, { protocol: 'unknown  50', head, original: '', reply: '', replied: true, flag: '' });
  const [there, back] = [`0x${n.toString(16)}`, `0x${(n + 1).toString(16)}`];
  const tuple = (source: string, destination: string): string => `srckey=${source} dstkey=${destination}`;
  return line(n, {
    protocol: 'gre      47',
    head,
    original: tuple(there, back),
    reply: tuple(back, there),
    replied: true,
    flag: '[ASSURED] ',
  });
}

function ports(n: number, services: readonly number[]): Pick<Flow, 'original' | 'reply'> {
  const [client, service] = [String(32_768 + n), String(services[n % services.length])];
  return { original: `sport=${client} dport=${service}`, reply: `sport=${service} dport=${client}` };
}

function family(n: number): (typeof ADDRESS)[keyof typeof ADDRESS] {
  return isIpv6(n) ? ADDRESS.ipv6 : ADDRESS.ipv4;
}

function isIpv6(n: number): boolean {
  return n % 7 === 3;
}

/** Uncompressed, as the kernel prints it. */
function ipv6(host: number): string {
  return `2001:0db8:0000:0000:0000:0000:0000:${host.toString(16).padStart(4, '0')}`;
}
