import { STREAM_TYPES, type EventRequest } from '../../domain/filter/entry-event.ts';
import type { Literal } from '../entries/byte-writer.ts';
import { EntryView, type Matcher } from '../entries/entry-view.ts';
import { compileFilter } from '../entries/matcher.ts';
import { MalformedMessage } from '../netlink/attribute-values.ts';
import { decodeEntry } from '../netlink/decode.ts';
import { decodeExpectation } from '../netlink/decode-expectation.ts';
import type { ChunkWriter, SendChunk } from './chunk-writer.ts';
import { eventFrame, expectationFrame, frameBytesMax, heartbeatFrame, idPrefix, writeEntryFrame } from './event-frames.ts';
import type { EventLosses } from './event-losses.ts';
import { KIND, maskOf, type EventRing } from './event-ring.ts';
import { GapAccount, gapOf } from './gap-account.ts';

export interface EventClientOptions {
  readonly epoch: string;
  readonly losses: EventLosses;
  readonly pendingChunks: number;
  readonly heartbeatMilliseconds: number;
  readonly send: SendChunk;
}

/**
 * A client's position in the log. It reads records from there as fast as the client consumes its chunks. Records that are dropped from the
 * log before it has read them are counted and reported as a gap.
 */
export class EventClient {
  /** The next record to read. */
  cursor: number;
  /** Types as bits (see `maskOf`). */
  readonly mask: number;
  private readonly options: EventClientOptions;
  private readonly prefix: Literal;
  private readonly matches: Matcher;
  private readonly view = new EntryView();
  private readonly gaps = new GapAccount();
  /** Chunks sent and not consumed yet. */
  private pending = 0;
  private sentAt: number;

  /** @param now milliseconds, monotonic */
  constructor({ filter, types }: EventRequest, cursor: number, now: number, options: EventClientOptions) {
    this.cursor = cursor;
    this.mask = maskOf(types);
    this.options = options;
    this.prefix = idPrefix(options.epoch);
    this.matches = compileFilter(filter, Date.now);
    this.sentAt = now;
  }

  /** The id of the last record read. */
  get id(): string {
    return `${this.options.epoch}-${String(this.cursor - 1)}`;
  }

  /** The client has consumed a chunk. */
  taken(): void {
    this.pending -= 1;
  }

  /** Skips the record at the cursor, which is about to be dropped from the log. */
  skip(log: EventRing): void {
    const kind = log.kind(this.cursor);
    if (kind === KIND.overrun) this.gaps.addDroppedByKernel(droppedIn(log, this.cursor));
    else if (kind === KIND.malformed || this.isWanted(log, this.cursor) !== false) {
      this.gaps.addDroppedForClient();
      this.options.losses.addDroppedForClient();
    }
    this.cursor += 1;
  }

  /** Sends pending records until the client's chunks are used up. @param first frames to send before everything else */
  serve(log: EventRing, writer: ChunkWriter, now: number, ...first: readonly string[]): void {
    const { pendingChunks } = this.options;
    writer.writeTo((buffer, length) => {
      this.pending += 1;
      this.sentAt = now;
      this.options.send(buffer, length);
    });
    for (const frame of first) writer.text(frame);
    // After a gap, the client must catch up by half. Otherwise there would be a gap every few events.
    if (!this.gaps.isEmpty && this.pending > pendingChunks / 2) return;
    for (const gap of this.gaps.drain()) writer.text(eventFrame('gap', gap, this.id));
    while (this.cursor < log.next && this.pending < pendingChunks) {
      this.cursor += 1;
      this.write(log, this.cursor - 1, writer);
    }
    writer.flush();
    if (now - this.sentAt < this.options.heartbeatMilliseconds || this.pending >= pendingChunks) return;
    writer.text(heartbeatFrame(this.id));
    writer.flush();
  }

  private write(log: EventRing, record: number, writer: ChunkWriter): void {
    const kind = log.kind(record);
    if (kind === KIND.overrun) {
      writer.text(eventFrame('gap', gapOf('kernel', droppedIn(log, record)), this.id));
      return;
    }
    const wanted = kind === KIND.malformed ? undefined : this.isWanted(log, record);
    if (wanted === false) return;
    if (wanted === true && isAboutExpectation(kind)) {
      writer.text(this.frameOfExpectation(log, record, kind));
      return;
    }
    if (wanted === undefined || !writer.reserve(frameBytesMax(this.view))) {
      writer.text(eventFrame('gap', gapOf('malformed', 1), this.id));
      return;
    }
    writeEntryFrame(this.prefix, record, kind, this.view, writer.out);
  }

  private frameOfExpectation(log: EventRing, record: number, kind: number): string {
    try {
      return expectationFrame(STREAM_TYPES[kind] ?? '', decodeExpectation(log.buffer, log.at(record), log.end(record)), this.id);
    } catch (error) {
      if (error instanceof MalformedMessage) return eventFrame('gap', gapOf('malformed', 1), this.id);
      throw error;
    }
  }

  /** Decodes an entry into the view and matches it; `undefined` if it cannot be decoded. Expectations are not filtered. */
  private isWanted(log: EventRing, record: number): boolean | undefined {
    const kind = log.kind(record);
    if ((this.mask & (1 << kind)) === 0) return false;
    if (isAboutExpectation(kind)) return true;
    try {
      decodeEntry(log.buffer, log.at(record), log.end(record), this.view);
    } catch (error) {
      if (error instanceof MalformedMessage) return undefined;
      throw error;
    }
    return this.matches(this.view);
  }
}

function isAboutExpectation(kind: number): boolean {
  return kind === KIND['expectation-new'] || kind === KIND['expectation-destroy'];
}

/** An overrun record holds the number of dropped messages. It is empty if the number is unknown. */
function droppedIn(log: EventRing, record: number): number | undefined {
  return log.end(record) === log.at(record) ? undefined : log.buffer.words[log.at(record) >>> 2];
}
