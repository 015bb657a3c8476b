/**
 * Sends one datagram for each of COUNT new flows, from number FIRST on, in its network namespace; there are no replies. Prints how many the
 * kernel sent: it refuses (EPERM) a flow for which the table has no room.
 *
 *     send-flows.ts COUNT [FIRST]
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const DESTINATIONS = ['198.51.100.1', '198.51.100.2'];
const PORTS = 60_000;
const FIRST_PORT = 2_000;
const DATAGRAM = Buffer.from('x');

const [count, first] = [Number(process.argv[2]), Number(process.argv[3] ?? 0)];
const socket = createSocket('udp4');
socket.bind(0, '192.0.2.1');
await once(socket, 'listening');
let sent = 0;
for (let flow = first; flow < first + count; flow += 1) if (!(await refused(flow))) sent += 1;
process.stdout.write(`${sent}\n`);
socket.close();

function refused(flow: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    socket.send(DATAGRAM, FIRST_PORT + (flow % PORTS), DESTINATIONS[Math.floor(flow / PORTS)], (error) => {
      if (error && (error as NodeJS.ErrnoException).code !== 'EPERM') reject(error);
      else resolve(error !== null);
    });
  });
}
