/** Creates one flow of each kind between the test addresses, prints "ready", and keeps its connections open until it is killed. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const BULK_FLOWS = 1_000;

await serveTcp('192.0.2.2');
await serveTcp('2001:db8::2');
await talkTcp('192.0.2.1', 40_001, '192.0.2.2', 5_001);
await talkTcp('192.0.2.1', 40_002, '192.0.2.9', 80);
await talkTcp('2001:db8::1', 40_003, '2001:db8::2', 5_001);
await talkUdp('udp4', '192.0.2.1', '192.0.2.2');
await talkUdp('udp6', '2001:db8::1', '2001:db8::2');
await sendBulk();
process.stdout.write('ready\n');

async function serveTcp(address: string): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket));
  await once(server.listen(5_001, address), 'listening');
}

async function talkTcp(localAddress: string, localPort: number, host: string, port: number): Promise<void> {
  const socket = connect({ localAddress, localPort, host, port });
  await once(socket, 'connect');
  socket.write('ping');
  await once(socket, 'data');
}

async function talkUdp(type: 'udp4' | 'udp6', from: string, to: string): Promise<void> {
  const server = await bound(type, to, 5_002);
  server.on('message', (message, peer) => {
    server.send(message, peer.port, peer.address);
  });
  const client = await bound(type, from, 40_010);
  client.send('ping', 5_002, to);
  await once(client, 'message');
}

/** Flows without a reply, one per port: enough that the dump takes many reads. */
async function sendBulk(): Promise<void> {
  const silent = await bound('udp4', '198.51.100.1', 40_020);
  for (let port = 10_000; port < 10_000 + BULK_FLOWS; port += 1) {
    await new Promise((resolve) => {
      silent.send('ping', port, '198.51.100.2', resolve);
    });
  }
}

async function bound(type: 'udp4' | 'udp6', address: string, port: number): Promise<Socket> {
  const socket = createSocket(type);
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}
