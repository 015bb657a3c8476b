/**
 * FTP sessions in the current network namespace in which the client announces where it listens for data: over IPv4 and IPv6, and through
 * destination NAT, and three sessions from ports 45001 to 45003 without such a command: a session has one expectation at most. They stay open until the standard input ends, so that the helper’s expectations stay.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const SESSIONS = [
  ['192.0.2.1', '192.0.2.2', 'PORT 192,0,2,1,20,1'],
  ['192.0.2.1', '192.0.2.8', 'PORT 192,0,2,1,20,2'],
  ['2001:db8::1', '2001:db8::2', 'EPRT |2|2001:db8::1|5282|'],
] as const;
/** The helper reads a command only after it has seen the one before. */
const BETWEEN_MILLISECONDS = 50;

const server = createServer((socket) => socket.resume().on('error', () => undefined));
await once(server.listen(21, '::'), 'listening');
for (const [localAddress, host, command] of SESSIONS) {
  const client = connect({ host, port: 21, localAddress }).setNoDelay(true);
  await once(client, 'connect');
  client.write('USER anonymous\r\n');
  await sleep(BETWEEN_MILLISECONDS);
  client.write(`${command}\r\n`);
  await sleep(BETWEEN_MILLISECONDS);
}
for (const localPort of [45_001, 45_002, 45_003]) {
  await once(connect({ host: '192.0.2.2', port: 21, localAddress: '192.0.2.1', localPort }), 'connect');
}
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
process.exit();
