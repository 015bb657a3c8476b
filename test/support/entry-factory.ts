import { setTimeout as sleep } from 'node:timers/promises';
import { NLMSG_ERROR, NLMSG_HEADER_BYTES } from '../../src/kernel/netlink/ctnetlink.ts';
import { MessageWriter } from '../../src/kernel/netlink/message-writer.ts';
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts';
import { systemFailureOf } from '../../src/kernel/system-failure.ts';
import { writeDelete, writeNew } from './entry-factory-message.ts';
import { entryAt, FIRST_TRANSIENT, INDEX_LIMIT, type MadeEntry } from './entry-factory-mix.ts';

/** The entries `first`, `first + 1`, …: see `entryAt`. */
export interface EntrySpan {
  readonly first?: number;
  readonly count: number;
}

export interface Pace {
  readonly perSecond: number;
  readonly first?: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

const BATCH_BYTES = 64 * 1_024;
const LARGEST_MESSAGE_BYTES = 512;
/** Short, so that flows arrive as evenly as from packets: a burst overflows the buffers of event listeners. */
const TICK_MILLISECONDS = 1;
/** How long a churned entry lives. */
const CHURN_LIFE_SECONDS = 1;

type WriteMessage = (writer: MessageWriter, entry: MadeEntry, sequence: number) => void;

/**
 * Creates and deletes entries over ctnetlink in the network namespace of the calling thread: use it in a separate namespace, never in
 * the host's. The kernel works while `send` runs, so every call blocks. Requests do not ask for an acknowledgement: only failures are reported.
 *
 * @throws Error with the index and the errno of the first entry that the kernel refused
 */
export class EntryFactory {
  private readonly socket = new NetlinkSocket({ receiveBufferBytes: 1_024 * 1_024 });
  private readonly writer = new MessageWriter(BATCH_BYTES + LARGEST_MESSAGE_BYTES);
  private readonly answers = Buffer.alloc(BATCH_BYTES);

  create(span: EntrySpan, entryOf = entryAt): void {
    this.write(span, writeNew, entryOf);
  }

  delete(span: EntrySpan): void {
    this.write(span, writeDelete);
  }

  /** Creates at this rate; resolves with the number created. */
  async load({ perSecond, first = FIRST_TRANSIENT, signal }: Pace): Promise<number> {
    let made = 0;
    await pace(perSecond, signal, (due) => {
      this.create({ first: first + made, count: due - made });
      made = due;
    });
    return made;
  }

  /**
   * Creates at this rate and, from a second later on, deletes as many; at the end all are deleted. Flows recur after all others were made.
   * Resolves with the number created.
   */
  async churn({ perSecond, first = FIRST_TRANSIENT, signal }: Pace): Promise<number> {
    let made = 0;
    let gone = 0;
    const deleteUpTo = (end: number): void => {
      for (const span of spansOf(first, gone, end)) this.delete(span);
      gone = Math.max(gone, end);
    };
    await pace(perSecond, signal, (due) => {
      for (const span of spansOf(first, made, due)) this.create(span);
      made = due;
      deleteUpTo(made - perSecond * CHURN_LIFE_SECONDS);
    });
    deleteUpTo(made);
    return made;
  }

  close(): void {
    this.socket.close();
  }

  private write({ first = 0, count }: EntrySpan, writeMessage: WriteMessage, entryOf = entryAt): void {
    for (let index = first; index < first + count; index += 1) {
      writeMessage(this.writer, entryOf(index), index);
      if (this.writer.length >= BATCH_BYTES - LARGEST_MESSAGE_BYTES) this.flush();
    }
    this.flush();
  }

  private flush(): void {
    if (this.writer.length === 0) return;
    this.socket.send(this.writer.bytes);
    this.writer.clear();
    const got = this.socket.tryReceive(this.answers);
    if (got < 0) throw new Error(`The kernel refused more entries than it could say: ${systemFailureOf(-got).code}.`);
    if (got > 0) throw refusal(this.answers);
  }
}

/** The flows `from` to `end`, counted from `first` and again from there after the last one there is. */
function spansOf(first: number, from: number, end: number): readonly EntrySpan[] {
  if (end <= from) return [];
  const flows = INDEX_LIMIT - first;
  const start = from % flows;
  const count = Math.min(end - from, flows - start);
  return [{ first: first + start, count }, ...spansOf(first, from + count, end)];
}

/** A message of type NLMSG_ERROR: the errno, negative, then the request's header. */
function refusal(answer: Buffer): Error {
  const view = new DataView(answer.buffer, answer.byteOffset);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const type = view.getUint16(4, littleEndian);
  if (type !== NLMSG_ERROR) return new Error(`Expected only errors from the kernel, found a message of type ${type}.`);
  const { code, message } = systemFailureOf(-view.getInt32(NLMSG_HEADER_BYTES, littleEndian));
  return new Error(`The kernel refused entry ${view.getUint32(8, littleEndian)}: ${message} (${code}).`);
}

/** Calls `advance` every few milliseconds with the number of items that are due since the start. */
async function pace(perSecond: number, signal: AbortSignal, advance: (due: number) => void): Promise<void> {
  const start = performance.now();
  while (!signal.aborted) {
    advance(Math.floor(((performance.now() - start) / 1_000) * perSecond));
    await sleep(TICK_MILLISECONDS);
  }
}
