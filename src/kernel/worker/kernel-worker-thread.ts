import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { MalformedMessage } from '../netlink/decode.ts';
import { probeFilter } from '../netlink/filter-probe.ts';
import { inNamespace, inNewNamespace, requireSetns } from '../netlink/in-namespace.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { readPerCpuCounters } from '../netlink/statistics.ts';
import { systemFailure, type SystemFailure } from '../system-failure.ts';
import type { Answers, Asked, Question, QuestionOf, Reply } from './kernel-request.ts';

const DECIMAL = /^(0|[1-9]\d{0,14})\n?$/;

parentPort?.on('message', (asked: Asked) => {
  // Of this thread, not of the process.
  if (asked === 'end') process.exit();
  parentPort?.postMessage(reply(asked.number, asked.question));
});

function reply(number: number, question: Question): Reply {
  try {
    return { number, answer: answer(question) };
  } catch (error) {
    return { number, refusal: refusal(error) };
  }
}

function answer(question: Question): Answers[Question['kind']] {
  switch (question.kind) {
    case 'sysctls':
      return inNamespace(question.namespacePath, () => readSysctls(question));
    case 'defaults':
      return inNewNamespace(() => readSysctls(question));
    case 'counters':
      return inNamespace(question.namespacePath, readPerCpuCounters);
    case 'filter':
      return probeFilter();
    case 'setns':
      requireSetns();
      return true;
  }
}

function readSysctls({ paths }: QuestionOf<'sysctls' | 'defaults'>): Answers['sysctls'] {
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

/** @throws what is no answer of the kernel: the thread then ends */
function refusal(error: unknown): { readonly what: string; readonly failure: SystemFailure } {
  if (error instanceof NetlinkError) return { what: error.call, failure: error.failure };
  if (error instanceof MalformedMessage) return { what: 'ctnetlink', failure: { code: 'MALFORMED', message: error.message } };
  return { what: 'open', failure: systemFailure(error) };
}
