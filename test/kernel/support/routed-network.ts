import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { NetworkNamespace } from './network-namespace.ts';
import type { Service } from './service.ts';

const PEER = join(import.meta.dirname, 'connection-end.py');

export const V4 = { client: '10.31.1.2', server: '10.31.2.2', router: '10.31.1.1' } as const;
export const V6 = { client: 'fd31:1::2', server: 'fd31:2::2' } as const;
/** The errors of a connection that ended. */
export const WITHOUT_CONNECTION = ['ECONNRESET', 'EPIPE'];

const ends: End[] = [];

/** Ends the programs of all connections. */
export async function stopEnds(): Promise<void> {
  for (const each of ends.splice(0)) await each.stop();
}

export interface RoutedNetwork {
  readonly router: NetworkNamespace;
  readonly client: NetworkNamespace;
  readonly server: NetworkNamespace;
}

/** A client and a server of which a router forwards the packets, with NAT of both kinds to port 80 of the router. */
export async function createRoutedNetwork(): Promise<RoutedNetwork> {
  const router = await NetworkNamespace.create('router');
  const client = await NetworkNamespace.create('client');
  const server = await NetworkNamespace.create('server');
  for (const [name, place, net] of [
    ['to-client', client, 1],
    ['to-server', server, 2],
  ] as const) {
    await router.run('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', place.name]);
    await router.run('ip', ['link', 'set', name, 'up']);
    await place.run('ip', ['link', 'set', 'eth0', 'up']);
    for (const [address, gateway] of [
      [`10.31.${net}.2/24`, `10.31.${net}.1`],
      [`fd31:${net}::2/64`, `fd31:${net}::1`],
    ] as const) {
      await router.run('ip', [
        'address',
        'add',
        `${gateway}/${address.split('/')[1] ?? ''}`,
        'dev',
        name,
        ...(gateway.includes(':') ? ['nodad'] : []),
      ]);
      await place.run('ip', ['address', 'add', address, 'dev', 'eth0', ...(gateway.includes(':') ? ['nodad'] : [])]);
      await place.run('ip', ['route', 'add', 'default', 'via', gateway]);
    }
  }
  await router.run('tee', ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'], '1\n');
  const nat =
    'table ip nat { chain pre { type nat hook prerouting priority dstnat; ip daddr 10.31.1.1 tcp dport 80 dnat to 10.31.2.2:8080; }; chain post { type nat hook postrouting priority srcnat; oifname "to-server" tcp dport 8080 masquerade; }; }';
  await router.run('nft', [nat]);
  await router.run('nft', ['add table inet other { set kept { type ipv4_addr; elements = { 192.0.2.77 }; }; }']);
  return { router, client, server };
}

/** A program with one connection, which sends or waits as it is told. */
export class End {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(place: NetworkNamespace, ...args: readonly string[]) {
    const command = ['--pdeathsig', 'KILL', '--', ...place.prefix, 'python3', PEER, ...args];
    const child = spawn('setpriv', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child = child;
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    ends.push(this);
  }

  async line(): Promise<string> {
    return String((await this.lines.next()).value);
  }

  /** Sends a packet. What became of the connection within a second: `open`, or the error. */
  send(): Promise<string> {
    this.child.stdin?.write('send\n');
    return this.line();
  }

  /** The last bytes that arrived. */
  received(): Promise<string> {
    this.child.stdin?.write('received\n');
    return this.line();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

export interface Pair {
  readonly client: End;
  readonly server: End;
  readonly clientPort: number;
}

/** An open connection, with data in both directions. */
export async function connect(
  protocol: 'tcp' | 'udp',
  [from, source]: readonly [NetworkNamespace, string],
  [to, destination]: readonly [NetworkNamespace, string],
  port: number,
  dialled: readonly [address: string, port: number] = [destination, port],
): Promise<Pair> {
  const listening = new End(to, protocol, 'listen', destination, String(port));
  expect(await listening.line()).toBe('listening');
  const dialling = new End(from, protocol, 'connect', source, dialled[0], String(dialled[1]));
  const clientPort = Number(await dialling.line());
  expect(await listening.line()).toBe('connected');
  expect([await dialling.send(), await listening.send()]).toEqual(['open', 'open']);
  return { client: dialling, server: listening, clientPort };
}

export const filterOf = ({ clientPort }: Pair): string => `sourcePort=${clientPort}`;

interface Ended {
  readonly id: number;
  readonly outcome: string;
  readonly deletion: Record<string, unknown>;
}

export async function endConnections(service: Service, body: object): Promise<Ended> {
  const response = await service.request<Ended>('POST', '/entries/end', { body });
  expect([response.status, response.body.outcome]).toEqual([200, 'applied']);
  return response.body;
}
