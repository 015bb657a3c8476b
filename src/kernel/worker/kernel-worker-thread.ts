import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { relieveMemory } from '../memory/require-memory.ts';
import { toIdentity } from '../named-namespaces.ts';
import { MalformedMessage } from '../netlink/decode.ts';
import { readBlocks, removeBlocksOf, removeTable, removeTableIfEmpty } from '../netlink/blocks-table.ts';
import { probeFilter } from '../netlink/filter-probe.ts';
import { inIdentifiedNamespace, inNamespace, inNewNamespace, requireSetns } from '../netlink/in-namespace.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { readPerCpuCounters } from '../netlink/statistics.ts';
import { isAbsent, systemFailure, type SystemFailure } from '../system-failure.ts';
import type { KernelCommand, KernelReply, KernelRequest, KernelRequestOf, KernelResponses } from './kernel-request.ts';
import { readNumber, readSettings, writeNumber } from './setting-files-now.ts';
import { receiveCommands } from './worker-port.ts';

const BLOCK_BYTES = 262_144;
const NEWLINE = 0x0a;

receiveCommands(({ channel, request }: KernelCommand) => {
  parentPort?.postMessage(replyTo(channel, request));
  relieveMemory();
});

function replyTo(channel: number, request: KernelRequest): KernelReply {
  try {
    return { channel, response: run(request) };
  } catch (error) {
    return { channel, refusal: refusal(error) };
  }
}

function run(request: KernelRequest): KernelResponses[KernelRequest['kind']] {
  switch (request.kind) {
    case 'sysctls':
      return inNamespace(request.namespacePath, () => readSysctls(request));
    case 'defaults':
      return inNewNamespace(() => readSysctls(request));
    case 'counters':
      return inNamespace(request.namespacePath, readPerCpuCounters);
    case 'settings':
      return inIdentifiedNamespace(request.namespacePath, undefined, (entered) => ({ ...entered, settings: readSettings(request) }));
    case 'write':
      return inIdentifiedNamespace(request.namespacePath, request.identity, () => writeNumber(request));
    case 'counts':
      return readCounts(request);
    case 'lines':
      return countLines(request);
    case 'filter':
      return probeFilter();
    case 'setns':
      requireSetns();
      return true;
    case 'blocks':
      return readBlocks(request.connectionsMax);
    case 'unblock':
      return removeBlocksOf(request.change);
    case 'tidyBlocks':
      if (!request.all) return removeTableIfEmpty();
      removeTable();
      return false;
  }
}

function countLines({ path, milliseconds }: KernelRequestOf<'lines'>): number | null {
  const end = performance.now() + milliseconds;
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let lines = 0; performance.now() < end;) {
      const length = readSync(file, block, 0, BLOCK_BYTES, null);
      if (length === 0) return lines;
      for (let at = block.indexOf(NEWLINE); at !== -1 && at < length; at = block.indexOf(NEWLINE, at + 1)) lines += 1;
    }
    return null;
  } finally {
    closeSync(file);
  }
}

function readCounts({ directory, path, milliseconds }: KernelRequestOf<'counts'>): KernelResponses['counts'] {
  const end = performance.now() + milliseconds;
  const own = identityOf('/proc/thread-self/ns/net');
  return listed(directory).flatMap((name) => {
    const count = performance.now() < end ? countIn(join(directory, name), path, own) : undefined;
    return count === undefined ? [] : [{ name, count }];
  });
}

function listed(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isAbsent(systemFailure(error))) return [];
    throw error;
  }
}

/** `undefined`: not a namespace, deleted meanwhile, or the namespace of this process. @throws NetlinkError `EPERM` */
function countIn(namespacePath: string, path: string, own: string): number | undefined {
  try {
    if (identityOf(namespacePath) === own) return undefined;
    const count = inNamespace(namespacePath, () => readNumber(path));
    return typeof count === 'number' ? count : undefined;
  } catch (error) {
    if (error instanceof NetlinkError && error.failure.code !== 'EINVAL') throw error;
    return undefined;
  }
}

function identityOf(path: string): string {
  return toIdentity(statSync(path, { bigint: true }));
}

function readSysctls({ paths }: KernelRequestOf<'sysctls' | 'defaults'>): KernelResponses['sysctls'] {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, readNumber(path)]));
}

/** @throws errors that do not come from the kernel: the thread then ends */
function refusal(error: unknown): { readonly what: string; readonly failure: SystemFailure } {
  if (error instanceof NetlinkError) return { what: error.call, failure: error.failure };
  if (error instanceof MalformedMessage) return { what: 'ctnetlink', failure: { code: 'MALFORMED', message: error.message } };
  return { what: 'open', failure: systemFailure(error) };
}
