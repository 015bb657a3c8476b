import { connect } from 'node:net';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import { errorOf, REPLY_BYTES_MAXIMUM, replyOf, type HelperReply, type HelperRequest } from './protocol.ts';

/** Longer than the RuntimeMaxSec= of the helper's unit: after this time the helper no longer runs. */
const TIMEOUT_MILLISECONDS = 60_000;

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'Start its socket: systemctl start conntrack-api-boot.socket.',
  ECONNREFUSED: 'Start its socket: systemctl restart conntrack-api-boot.socket.',
  EACCES: 'Run the service as the user and group in the socket unit.',
};

/** The helper could not be reached, or ended without a reply. */
export class HelperLost extends Error {
  readonly isConnected: boolean;
  readonly errno: string | undefined;

  constructor(message: string, isConnected: boolean, errno?: string) {
    super(message);
    this.isConnected = isConnected;
    this.errno = errno;
  }
}

/** @throws ConntrackError that the helper replied with; HelperLost if it did not reply */
export async function askHelper(path: string, request: HelperRequest): Promise<void> {
  const reply = replyOf(await exchange(path, JSON.stringify(request)));
  if (!reply) throw new HelperLost('it ended without a valid reply', true);
  requireDone(reply);
}

export function notReachable(path: string, lost: HelperLost): ConntrackError {
  return new ConntrackError('BOOT_FILE_WRITE_FAILED', `The boot helper at ${path} does not reply: ${lost.message}.`, {
    cause: lost,
    remedy: REMEDIES[lost.errno ?? ''] ?? 'Read its log: journalctl -u "conntrack-api-boot@*".',
    ...(lost.errno !== undefined && { errno: lost.errno }),
  });
}

function requireDone(reply: HelperReply): void {
  if ('failure' in reply) throw errorOf(reply.failure);
}

function exchange(path: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    let text = '';
    const socket = connect({ path, allowHalfOpen: true });
    const fail = (message: string, errno?: string): void => {
      socket.destroy();
      reject(new HelperLost(message, isConnected, errno));
    };
    socket.setTimeout(TIMEOUT_MILLISECONDS, () => {
      fail(`no reply within ${TIMEOUT_MILLISECONDS / 1_000} s`);
    });
    socket.once('connect', () => {
      isConnected = true;
      socket.end(request);
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > REPLY_BYTES_MAXIMUM) fail(`its reply is longer than ${REPLY_BYTES_MAXIMUM} bytes`);
    });
    socket.once('end', () => {
      resolve(text);
    });
    socket.once('error', (error) => {
      fail(error.message, errnoOf(error));
    });
  });
}
