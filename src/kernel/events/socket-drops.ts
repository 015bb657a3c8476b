import { closeSync, openSync, readSync } from 'node:fs';
import { systemFailure } from '../system-failure.ts';

/** Shows the network namespace of the thread that opens it, for as long as the file is open. */
const PATH = '/proc/thread-self/net/netlink';
const BLOCK_BYTES = 65_536;
const PROTOCOL_COLUMN = 1;
const PORT_COLUMN = 2;
const DROPS_COLUMN = 8;
const NETFILTER = '12';

/** Counts messages that the kernel has dropped because the receive buffer of a socket was full (/proc/net/netlink). */
export class SocketDrops {
  private readonly portId: string;
  private readonly fd: number | undefined;
  private readonly block = Buffer.alloc(BLOCK_BYTES);
  private last = 0;

  constructor(portId: number) {
    this.portId = String(portId);
    this.fd = tryToOpen();
  }

  /** Drops since the last call; `undefined` if unknown. */
  sinceLast(): number | undefined {
    const total = dropsOf(this.portId, this.text());
    if (total === undefined) return undefined;
    // The counter of the kernel has 32 bits.
    const dropped = (total - this.last) >>> 0;
    this.last = total;
    return dropped;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
  }

  private text(): string {
    if (this.fd === undefined) return '';
    let text = '';
    try {
      for (;;) {
        const got = readSync(this.fd, this.block, 0, BLOCK_BYTES, text.length);
        if (got === 0) return text;
        text += this.block.toString('latin1', 0, got);
      }
    } catch (error) {
      systemFailure(error);
      return '';
    }
  }
}

/** @param table text of the kernel: a header line, then one line per socket */
export function dropsOf(portId: string, table: string): number | undefined {
  const line = table
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find((columns) => columns[PROTOCOL_COLUMN] === NETFILTER && columns[PORT_COLUMN] === portId);
  const drops = Number(line?.[DROPS_COLUMN]);
  return Number.isSafeInteger(drops) ? drops : undefined;
}

function tryToOpen(): number | undefined {
  try {
    return openSync(PATH, 'r');
  } catch (error) {
    systemFailure(error);
    return undefined;
  }
}
