import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { MalformedMessage } from '../netlink/decode.ts';
import { probeFilter } from '../netlink/filter-probe.ts';
import { inNamespace, inNewNamespace, requireSetns } from '../netlink/in-namespace.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { readPerCpuCounters } from '../netlink/statistics.ts';
import { systemFailure, type SystemFailure } from '../system-failure.ts';
import type { KernelCommand, KernelReply, KernelRequest, KernelRequestOf, KernelResponses } from './kernel-request.ts';
import { receiveCommands } from './worker-port.ts';

const DECIMAL = /^(0|[1-9]\d{0,14})\n?$/;

receiveCommands(({ channel, request }: KernelCommand) => {
  parentPort?.postMessage(replyTo(channel, request));
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
    case 'filter':
      return probeFilter();
    case 'setns':
      requireSetns();
      return true;
  }
}

function readSysctls({ paths }: KernelRequestOf<'sysctls' | 'defaults'>): KernelResponses['sysctls'] {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, readNumber(path)]));
}

function readNumber(path: string): number | SystemFailure {
  try {
    const text = readFileSync(path, 'utf8');
    if (DECIMAL.test(text)) return Number(text);
    return { code: 'MALFORMED', message: `expected a decimal integer, found ${JSON.stringify(text.slice(0, 40))}` };
  } catch (error) {
    return systemFailure(error);
  }
}

/** @throws errors that do not come from the kernel: the thread then ends */
function refusal(error: unknown): { readonly what: string; readonly failure: SystemFailure } {
  if (error instanceof NetlinkError) return { what: error.call, failure: error.failure };
  if (error instanceof MalformedMessage) return { what: 'ctnetlink', failure: { code: 'MALFORMED', message: error.message } };
  return { what: 'open', failure: systemFailure(error) };
}
