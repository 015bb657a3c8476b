import { connect } from 'node:net';
import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import { errorOf, REPLY_BYTES_MAXIMUM, replyOf, type HelperReply, type HelperRequest } from './protocol.ts';

/** More than the helper's unit lets it live: when this is over, it does nothing any more. */
const PATIENCE_MILLISECONDS = 60_000;

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'Start its socket: systemctl start conntrack-api-boot.socket.',
  ECONNREFUSED: 'Start its socket: systemctl restart conntrack-api-boot.socket.',
  EACCES: 'The service must run as the user and group that the socket unit names.',
};

/** The helper ended, or was never there, without a word about what it did. */
export class HelperLost extends Error {
  readonly isConnected: boolean;
  readonly errno: string | undefined;

  constructor(message: string, isConnected: boolean, errno?: string) {
    super(message);
    this.isConnected = isConnected;
    this.errno = errno;
  }
}

/** @throws ConntrackError as the helper says; HelperLost where it says nothing */
export async function askHelper(path: string, request: HelperRequest): Promise<void> {
  const reply = replyOf(await converse(path, JSON.stringify(request)));
  if (!reply) throw new HelperLost('it ended without an answer', true);
  requireDone(reply);
}

export function notReachable(path: string, lost: HelperLost): ConntrackError {
  return new ConntrackError('BOOT_FILE_WRITE_FAILED', `The boot helper at ${path} does not answer: ${lost.message}.`, {
    cause: lost,
    remedy: REMEDIES[lost.errno ?? ''] ?? 'See what its journal says: journalctl -u "conntrack-api-boot@*".',
    ...(lost.errno !== undefined && { errno: lost.errno }),
  });
}

function requireDone(reply: HelperReply): void {
  if ('failure' in reply) throw errorOf(reply.failure);
}

function converse(path: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    let text = '';
    const socket = connect({ path, allowHalfOpen: true });
    const lose = (message: string, errno?: string): void => {
      socket.destroy();
      reject(new HelperLost(message, isConnected, errno));
    };
    socket.setTimeout(PATIENCE_MILLISECONDS, () => {
      lose(`nothing came within ${PATIENCE_MILLISECONDS / 1_000} s`);
    });
    socket.once('connect', () => {
      isConnected = true;
      socket.end(request);
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > REPLY_BYTES_MAXIMUM) lose('its answer does not end');
    });
    socket.once('end', () => {
      resolve(text);
    });
    socket.once('error', (error) => {
      lose(error.message, errnoOf(error));
    });
  });
}
