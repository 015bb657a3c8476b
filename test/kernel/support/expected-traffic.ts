/**
 * Traffic of one kind in the current network namespace, whose sockets close when it is done:
 *
 * - `tftp`: a read request, answered from another port, as TFTP servers do
 * - `sctp`: two associations
 * - `proxied NAMESPACE`: a connection from a client in that namespace to port 8080
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import koffi from 'koffi';

const READ_REQUEST = Buffer.from('\0\u0001file\0octet\0');
const DATA = Buffer.from('\0\u0003\0\u0001content');
const CONNECT = "const s=require('net').connect(8080,'10.7.0.1',()=>s.write('ping'));s.on('data',()=>process.exit())";

async function transfer(): Promise<void> {
  const [server, sender, client] = [createSocket('udp4'), createSocket('udp4'), createSocket('udp4')];
  server.bind(69, '192.0.2.2');
  sender.bind(0, '192.0.2.2');
  client.bind(45_069, '192.0.2.1');
  await Promise.all([server, sender, client].map((socket) => once(socket, 'listening')));
  server.once('message', (_, { port, address }) => {
    sender.send(DATA, port, address);
  });
  client.send(READ_REQUEST, 69, '192.0.2.2');
  await once(client, 'message');
  for (const socket of [server, sender, client]) socket.close();
}

async function connectFrom(namespace: string): Promise<void> {
  const server = createServer((socket) => socket.pipe(socket));
  await once(server.listen(8_080, '10.7.0.1'), 'listening');
  const client = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', CONNECT], { stdio: 'inherit', timeout: 20_000 });
  const [code] = (await once(client, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The client ended with ${String(code)}.`);
  server.close();
}

const AF_INET = 2;
const SOCK_RAW = 3;
const IPPROTO_SCTP = 132;
const [INIT, INIT_ACK, COOKIE_ECHO, COOKIE_ACK] = [1, 2, 10, 11];
const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const uint8_t *address, uint32_t length)');
const sendto = libc.func('long sendto(int fd, const uint8_t *bytes, size_t length, int flags, const uint8_t *address, uint32_t size)');

/** Tags as in the packets: `ofServer` is what the client's packets carry. The kernel does not check the checksum on the loopback interface. */
function shakeHands(client: string, server: string, ofServer: number, ofClient: number): void {
  const tags = (own: number): Buffer => {
    const parameters = Buffer.alloc(16);
    parameters.writeUInt32BE(own);
    parameters.writeUInt32BE(65_536, 4);
    parameters.writeUInt16BE(1, 8);
    parameters.writeUInt16BE(1, 10);
    return parameters;
  };
  sendSctp(client, server, [5_000, 6_000], 0, INIT, tags(ofClient));
  sendSctp(server, client, [6_000, 5_000], ofClient, INIT_ACK, tags(ofServer));
  sendSctp(client, server, [5_000, 6_000], ofServer, COOKIE_ECHO, Buffer.alloc(4));
  sendSctp(server, client, [6_000, 5_000], ofClient, COOKIE_ACK, Buffer.alloc(0));
}

function sendSctp(from: string, to: string, ports: readonly [number, number], tag: number, chunk: number, content: Buffer): void {
  const packet = Buffer.alloc(16 + content.length);
  packet.writeUInt16BE(ports[0]);
  packet.writeUInt16BE(ports[1], 2);
  packet.writeUInt32BE(tag, 4);
  packet[12] = chunk;
  packet.writeUInt16BE(4 + content.length, 14);
  content.copy(packet, 16);
  const fd = socket(AF_INET, SOCK_RAW, IPPROTO_SCTP) as number;
  const [source, destination] = [from, to].map((address) =>
    Buffer.from([AF_INET, 0, 0, 0, ...address.split('.').map(Number), ...new Array<number>(8).fill(0)]),
  );
  if (bind(fd, source, 16) !== 0) throw new Error(`${from} cannot be bound`);
  if (sendto(fd, packet, packet.length, 0, destination, 16) !== packet.length) throw new Error(`nothing was sent to ${to}`);
}

const [kind, namespace = ''] = process.argv.slice(2);
if (kind === 'tftp') await transfer();
else if (kind === 'proxied') await connectFrom(namespace);
else {
  shakeHands('192.0.2.1', '192.0.2.2', 1, 0xffff_fffe);
  shakeHands('198.51.100.1', '198.51.100.2', 7, 0x8000_0000);
}
