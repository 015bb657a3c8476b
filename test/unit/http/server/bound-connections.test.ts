import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
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
