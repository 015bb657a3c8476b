import type { EventRequest } from '../../domain/filter/entry-event.ts';
import type { Literal } from '../entries/byte-writer.ts';
import { EntryView, type Matcher } from '../entries/entry-view.ts';
import { compileFilter } from '../entries/matcher.ts';
import { MalformedMessage } from '../netlink/attribute-values.ts';
import { decodeEntry } from '../netlink/decode.ts';
import type { ChunkWriter, GiveChunk } from './chunk-writer.ts';
import { eventFrame, frameBytesMax, heartbeatFrame, idPrefix, writeEntryFrame } from './event-frames.ts';
import { KIND, maskOf } from './event-kind.ts';
import type { EventLosses } from './event-losses.ts';
import type { EventRing } from './event-ring.ts';
import { GapAccount, gapOf } from './gap-account.ts';

export interface EventClientOptions {
  readonly epoch: string;
  readonly losses: EventLosses;
  readonly pendingChunks: number;
  readonly heartbeatMilliseconds: number;
  readonly send: GiveChunk;
}

/**
 * One client's place in the log. It takes records from there as fast as the client takes what they become; what is dropped from the log
 * before it got there is counted and told as a gap.
 */
export class EventClient {
  /** The next record for it. */
  cursor: number;
  /** Types as bits (see `maskOf`). */
  readonly mask: number;
  private readonly options: EventClientOptions;
  private readonly prefix: Literal;
  private readonly matches: Matcher;
  private readonly view = new EntryView();
  private readonly gaps = new GapAccount();
  /** Chunks given and not taken yet. */
  private pending = 0;
  private spokeAt: number;

  /** @param now milliseconds, monotonic */
  constructor({ filter, types }: EventRequest, cursor: number, now: number, options: EventClientOptions) {
    this.cursor = cursor;
    this.mask = maskOf(types);
    this.options = options;
    this.prefix = idPrefix(options.epoch);
    this.matches = compileFilter(filter, Date.now);
    this.spokeAt = now;
  }

  /** The id of what it has been told last. */
  get id(): string {
    return `${this.options.epoch}-${String(this.cursor - 1)}`;
  }

  /** A chunk of its has gone. */
  taken(): void {
    this.pending -= 1;
  }

  /** The record at its place is about to be dropped from the log. */
  miss(log: EventRing): void {
    const kind = log.kind(this.cursor);
    if (kind === KIND.overrun) this.gaps.addKernels(droppedIn(log, this.cursor));
    else if (kind === KIND.malformed || this.isWanted(log, this.cursor) !== false) {
      this.gaps.addOwn();
      this.options.losses.addForClient();
    }
    this.cursor += 1;
  }

  /** Says what there is for it, as far as it has room. @param first what the client is told before anything else */
  serve(log: EventRing, writer: ChunkWriter, now: number, ...first: readonly string[]): void {
    const { pendingChunks } = this.options;
    writer.writeTo((buffer, length) => {
      this.pending += 1;
      this.spokeAt = now;
      this.options.send(buffer, length);
    });
    for (const frame of first) writer.text(frame);
    // Once it has missed something it must catch up by half, or there would be a gap every few events.
    if (!this.gaps.isEmpty && this.pending > pendingChunks / 2) return;
    for (const gap of this.gaps.settle()) writer.text(eventFrame('gap', gap, this.id));
    while (this.cursor < log.next && this.pending < pendingChunks) {
      this.cursor += 1;
      this.write(log, this.cursor - 1, writer);
    }
    writer.flush();
    if (now - this.spokeAt < this.options.heartbeatMilliseconds || this.pending >= pendingChunks) return;
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
    if (wanted === undefined || !writer.reserve(frameBytesMax(this.view))) {
      writer.text(eventFrame('gap', gapOf('malformed', 1), this.id));
      return;
    }
    writeEntryFrame(this.prefix, record, kind, this.view, writer.out);
  }

  /** Reads an entry into the view; `undefined` where it cannot be understood. */
  private isWanted(log: EventRing, record: number): boolean | undefined {
    if ((this.mask & (1 << log.kind(record))) === 0) return false;
    try {
      decodeEntry(log.buffer, log.at(record), log.end(record), this.view);
    } catch (error) {
      if (error instanceof MalformedMessage) return undefined;
      throw error;
    }
    return this.matches(this.view);
  }
}

/** The record of an overrun is the number dropped, and nothing where nobody knows. */
function droppedIn(log: EventRing, record: number): number | undefined {
  return log.end(record) === log.at(record) ? undefined : log.buffer.words[log.at(record) >>> 2];
}
