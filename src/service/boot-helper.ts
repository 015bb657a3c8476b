#!/usr/bin/env node
/**
 * Writes the boot files for an unprivileged service. Each request gets its own process, whose standard input is the connected socket:
 *
 *     boot-helper.js --user NAME --lock PATH [--root PATH]
 *
 * It trusts only its arguments and the kernel's report of the peer's credentials (SO_PEERCRED).
 */
import { openSync } from 'node:fs';
import { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { EtcBootFiles } from '../boot-files/etc-boot-files.ts';
import { answerRequest, refusal } from '../boot-files/helper/answer-request.ts';
import { failureOf, REQUEST_BYTES_MAXIMUM, REQUEST_MILLISECONDS, type HelperReply } from '../boot-files/helper/protocol.ts';
import { accountId, lockExclusively, peerOf, type Peer } from '../kernel/unix-socket.ts';

const CONNECTION = 0;
const OWN_MODE = 0o600;

const { values } = parseArgs({
  options: { user: { type: 'string' }, lock: { type: 'string' }, root: { type: 'string', default: '/' } },
});
if (values.user === undefined || values.lock === undefined) throw new Error('Expected --user and --lock.');
await serve(values.user, values.lock, values.root);

async function serve(user: string, lock: string, root: string): Promise<void> {
  const peer = peerOf(CONNECTION);
  const socket = new Socket({ fd: CONNECTION, readable: true, writable: true, allowHalfOpen: true });
  // A client that disconnects gets no reply, but a complete request is still carried out.
  socket.on('error', () => undefined);
  const reply = await replyTo(peer, user, () => readToEnd(socket), { lock, root });
  if ('failure' in reply) process.stderr.write(`${reply.failure.message} (process ${peer.pid} of user ${peer.uid})\n`);
  socket.end(JSON.stringify(reply), () => socket.destroy());
}

async function replyTo(peer: Peer, user: string, read: () => Promise<string>, at: { lock: string; root: string }): Promise<HelperReply> {
  try {
    if (peer.uid !== 0 && peer.uid !== accountId('user', user)) throw new Error(`only root and ${user} may use the boot helper`);
    const request = await read();
    lockExclusively(openSync(at.lock, 'a', OWN_MODE));
    return await answerRequest(new EtcBootFiles(at.root), request);
  } catch (error) {
    return { failure: failureOf(refusal(error instanceof Error ? error.message : String(error))) };
  }
}

/** Everything that the client sends, up to the end of the stream. */
function readToEnd(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const abort = (why: string): void => {
      socket.pause();
      reject(new Error(why));
    };
    setTimeout(abort, REQUEST_MILLISECONDS, `the request did not end within ${REQUEST_MILLISECONDS} ms`).unref();
    socket.once('close', () => {
      abort('the connection was closed before the end of the request');
    });
    socket.once('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > REQUEST_BYTES_MAXIMUM) abort(`the request is longer than ${REQUEST_BYTES_MAXIMUM} bytes`);
    });
  });
}
