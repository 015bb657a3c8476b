import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { boundConnections } from '../../../../src/http/server/bound-connections.ts';

/** A fake socket: only the address matters, and a real host has few. */
class Connection extends EventEmitter {
  destroyed = false;
  readonly remoteAddress: string;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function connections() {
  const server = new EventEmitter() as unknown as Server;
  boundConnections(server);
  const connect = (count: number, address: (n: number) => string): readonly Connection[] =>
    Array.from({ length: count }, (_, n) => {
      const connection = new Connection(address(n));
      server.emit('connection', connection);
      return connection;
    });
  return { server, connect };
}

const refused = (all: readonly Connection[]): number => all.filter(({ destroyed }) => destroyed).length;

describe('the connections of one address', () => {
  it('are limited to 128, without affecting other addresses', () => {
    const { server, connect } = connections();
    expect(refused(connect(130, () => '192.0.2.7'))).toBe(2);
    expect(refused(connect(10, () => '192.0.2.8'))).toBe(0);
    expect(server.maxConnections).toBe(512);
  });

  it('count together for one /64 of IPv6', () => {
    expect(refused(connections().connect(130, (n) => `2001:db8::${n.toString(16)}`))).toBe(2);
  });

  it('no longer count after they close', () => {
    const { connect } = connections();
    for (const connection of connect(128, () => '192.0.2.7')) connection.destroy();
    expect(refused(connect(128, () => '192.0.2.7'))).toBe(0);
  });

  it('are not limited for loopback, where all may come from one proxy', () => {
    expect(refused(connections().connect(300, () => '127.0.0.1'))).toBe(0);
  });
});

it.each([1, 3, 8])('connections that send nothing leave room for %i clients after half a second', async (clients) => {
  const server = createServer((_request, response) => response.end('ok'));
  boundConnections(server);
  server.maxConnections = 12;
  let dropped = 0;
  server.on('drop', () => (dropped += 1));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const open = (): Socket => connect(port, '127.0.0.1').on('error', () => undefined);
  const silent = Array.from({ length: 40 }, open);
  await sleep(600);
  dropped = 0;
  const responses = await Promise.all(
    Array.from({ length: clients }, () => fetch(`http://127.0.0.1:${port}/`).then(({ status }) => status)),
  );
  expect(responses).toEqual(Array.from({ length: clients }, () => 200));
  expect(dropped).toBe(0);
  for (const socket of silent) socket.destroy();
  server.closeAllConnections();
  server.close();
});
