import { parentPort } from 'node:worker_threads';
import { MalformedMessage } from '../netlink/decode.ts';
import { inNamespace } from '../netlink/in-namespace.ts';
import { NetlinkError } from '../netlink/netlink-socket.ts';
import { readExpectations } from '../netlink/read-expectations.ts';
import { systemFailure, type SystemFailure } from '../system-failure.ts';
import { receiveCommands } from '../worker/worker-port.ts';
import { CollectedExpectations } from './collect-expectations.ts';
import type { ExpectationCommand, ExpectationReply, ExpectationRequest, ExpectationResult } from './expectation-messages.ts';
import { readTextExpectations } from './read-text-expectations.ts';

receiveCommands(({ channel, request }: ExpectationCommand) => {
  parentPort?.postMessage(replyTo(channel, request));
});

function replyTo(channel: number, request: ExpectationRequest): ExpectationReply {
  try {
    return { channel, result: read(request) };
  } catch (error) {
    return { channel, refusal: refusal(error) };
  }
}

function read(request: ExpectationRequest): ExpectationResult {
  const { source } = request;
  const collected = new CollectedExpectations(request);
  const take = collected.take.bind(collected);
  if (source.kind === 'text') return collected.result(readTextExpectations(source.path, source.isBehindEntries, take));
  return collected.result(inNamespace(source.namespacePath, () => readExpectations(take)));
}

/** @throws errors that do not come from the kernel: the thread then ends */
function refusal(error: unknown): { readonly what: string; readonly failure: SystemFailure } {
  if (error instanceof NetlinkError) return { what: error.call, failure: error.failure };
  if (error instanceof MalformedMessage) return { what: 'ctnetlink', failure: { code: 'MALFORMED', message: error.message } };
  return { what: 'open', failure: systemFailure(error) };
}
