import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

/**
 * Buffers that reads reuse. `readFile` allocates 64 KiB outside the heap for each file of unknown size, as all files in /proc are. That
 * triggers frequent garbage collections, which stop the service for 30 ms each. Further reads wait for a buffer, so that memory is bounded.
 */
const BLOCK_BYTES = 65_536;
/** As many as libuv has threads: more reads do not run at once. */
const BLOCKS_MAX = 4;
const IDLE_MILLISECONDS = 10_000;

let blocks = 0;
let spare: Buffer[] = [];
const waiting: ((block: Buffer) => void)[] = [];
let idleTimer: NodeJS.Timeout | undefined;

/** Only for files whose reads never wait. */
export function readTextNow(place: string): string {
  const file = openSync(place, 'r');
  const block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const decoder = new StringDecoder('utf8');
  try {
    for (let text = ''; ;) {
      const bytesRead = readSync(file, block, 0, BLOCK_BYTES, null);
      if (bytesRead === 0) return text + decoder.end();
      text += decoder.write(block.subarray(0, bytesRead));
    }
  } finally {
    closeSync(file);
    keep(block);
  }
}

/** Of more than any number that the kernel prints. */
const NUMBER = Buffer.alloc(64);

/** The text of a small file that can also be written. The kernel prints a number in one read. @throws errors of `node:fs` */
export function readWritableNow(place: string): string {
  const file = openSync(place, 'r+');
  try {
    return NUMBER.toString('latin1', 0, readSync(file, NUMBER, 0, NUMBER.length, null));
  } finally {
    closeSync(file);
  }
}

export async function readText(place: string): Promise<string> {
  const block = await takeBlock();
  const decoder = new StringDecoder('utf8');
  try {
    await using file = await open(place);
    for (let text = ''; ;) {
      const { bytesRead } = await file.read(block, 0, BLOCK_BYTES, null);
      if (bytesRead === 0) return text + decoder.end();
      text += decoder.write(block.subarray(0, bytesRead));
    }
  } finally {
    returnBlock(block);
  }
}

/** The buffers that exist, in use or kept for the next read. */
export function blocksHeld(): number {
  return Math.max(blocks, spare.length);
}

function takeBlock(): Promise<Buffer> | Buffer {
  if (blocks >= BLOCKS_MAX) return new Promise((resolve) => waiting.push(resolve));
  blocks += 1;
  return spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

function returnBlock(block: Buffer): void {
  const next = waiting.shift();
  if (next) {
    next(block);
    return;
  }
  blocks -= 1;
  keep(block);
}

/** Keeps the buffer until no read has needed one for a while. */
function keep(block: Buffer): void {
  if (spare.length < BLOCKS_MAX) spare.push(block);
  if (idleTimer) idleTimer.refresh();
  else
    idleTimer = setTimeout(() => {
      spare = [];
      idleTimer = undefined;
    }, IDLE_MILLISECONDS).unref();
}
