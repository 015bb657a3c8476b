/**
 * A process whose limit on threads a test changes while it runs. Each line on standard input is a request; the response is one line of JSON.
 *
 *     thread-limit-process.ts ROOT
 */
import koffi from 'koffi';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { EVERY_ENTRY } from '../../../src/domain/filter/filter.ts';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { EventFeeds } from '../../../src/kernel/events/event-feeds.ts';
import { EventLosses } from '../../../src/kernel/events/event-losses.ts';
import { DEFAULT_OPTIONS } from '../../../src/kernel/events/event-options.ts';
import { NamedNamespaces } from '../../../src/kernel/named-namespaces.ts';
import { KernelRequestRefused, KernelWorker } from '../../../src/kernel/worker/kernel-worker.ts';
import { entriesOver } from './host-entries.ts';

const entries = entriesOver(process.argv[2] ?? '');
const worker = new KernelWorker();
const feeds = new EventFeeds(DEFAULT_OPTIONS, new EventLosses(), new NamedNamespaces('/', false));

const RLIMIT_NPROC = 6;
const libc = koffi.load(null);
const getLimit = libc.func('int getrlimit(int resource, _Out_ uint64_t *limit)') as (resource: number, limit: BigUint64Array) => number;
const setLimit = libc.func('int setrlimit(int resource, uint64_t *limit)') as (resource: number, limit: BigUint64Array) => number;

/** Sets the soft limit on the processes and threads of this user. @param count absent: as many as the hard limit permits */
function limitThreads(count?: number): Promise<void> {
  const limit = new BigUint64Array(2);
  if (getLimit(RLIMIT_NPROC, limit) !== 0) throw new Error('getrlimit failed');
  limit[0] = count === undefined ? (limit[1] ?? 0n) : BigInt(count);
  if (setLimit(RLIMIT_NPROC, limit) !== 0) throw new Error('setrlimit failed');
  return Promise.resolve();
}

const REQUESTS: Readonly<Record<string, () => Promise<unknown>>> = {
  limit: () => limitThreads(1),
  'lift-limit': () => limitThreads(),
  count: async () => (await entries.count(EVERY_ENTRY)).entries,
  running: () => Promise.resolve(entries.activity().running),
  // Permitted or not: a reply from the thread shows that it runs.
  setns: async () => {
    try {
      return await worker.request<'setns'>({ kind: 'setns' });
    } catch (error) {
      if (error instanceof KernelRequestRefused) return true;
      throw error;
    }
  },
  events: () => Promise.resolve(feeds.of(undefined).isAlive),
};

process.on('unhandledRejection', () => {
  process.exit(3);
});
// libuv starts its threads with the first file operation, and aborts the process where it cannot. The service reads files before it listens.
await stat('/');
process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) process.stdout.write(`${JSON.stringify(await responseTo(line))}\n`);
process.exit();

async function responseTo(request: string): Promise<unknown> {
  try {
    return { result: await REQUESTS[request]?.() };
  } catch (error) {
    if (error instanceof ConntrackError) return { code: error.code, errno: error.details.errno, message: error.message };
    throw error;
  }
}
