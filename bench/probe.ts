/**
 * A client inside the namespace: `probe.ts latency URL` or `probe.ts first-byte URL`, with the token in CONNTRACK_BENCH_TOKEN.
 *
 * `latency` requests URL repeatedly on one connection. It prints "ready" after the warm-up, and at the end of its standard input
 * `[[start, milliseconds], …]`, with starts in milliseconds since the epoch. `first-byte` prints the milliseconds from the request, including a
 * new connection, to the first byte of the body.
 */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MILLISECONDS = 5;
const WARM_UPS = 50;

const [mode, url = ''] = process.argv.slice(2);
const headers = { authorization: `Bearer ${process.env['CONNTRACK_BENCH_TOKEN'] ?? ''}` };
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

if (mode === 'latency') await measureLatency();
else await measureFirstByte();
agent.destroy();

async function measureLatency(): Promise<void> {
  const ended = new AbortController();
  process.stdin
    .once('end', () => {
      ended.abort();
    })
    .resume();
  for (let i = 0; i < WARM_UPS; i += 1) await timedGet();
  process.stdout.write('ready\n');
  const samples: [number, number][] = [];
  while (!ended.signal.aborted) {
    samples.push([performance.timeOrigin + performance.now(), await timedGet()]);
    await sleep(PAUSE_MILLISECONDS);
  }
  process.stdout.write(`${JSON.stringify(samples)}\n`);
}

async function timedGet(): Promise<number> {
  const start = performance.now();
  const response = await request('application/json');
  response.resume();
  await once(response, 'end');
  return performance.now() - start;
}

async function measureFirstByte(): Promise<void> {
  const start = performance.now();
  const response = await request('application/x-ndjson');
  await once(response, 'data');
  process.stdout.write(`${performance.now() - start}\n`);
  response.destroy();
}

async function request(accept: string): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { agent, headers: { ...headers, accept } }), 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`GET ${url}: expected 200, found ${response.statusCode ?? 'nothing'}.`);
  return response;
}
