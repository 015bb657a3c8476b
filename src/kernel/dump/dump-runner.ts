import type { DumpOutcome } from '../../domain/entry.ts';
import type { Sample } from '../../domain/entry-summary.ts';
import type { Filter } from '../../domain/filter/filter.ts';
import { CONFIDENCE } from '../../domain/sampling/estimator.ts';
import type { EntrySource } from '../entries/entry-source.ts';
import type { EntryView } from '../entries/entry-view.ts';
import { buffersOf, type CountedPart } from '../entries/summary/summary-builder.ts';
import { compileFilter } from '../entries/matcher.ts';
import { DeleteOutput } from './delete-output.ts';
import { type DumpJob, type DumpMessage, sampleSizeOf, type Tally } from './dump-job.ts';
import { CountOutput, type Output, type PassOutput } from './outputs.ts';
import { PageOutput } from './page-output.ts';
import { StreamOutput } from './stream-output.ts';
import { SummaryOutput } from './summary-output.ts';
import { TableWatch } from './table-watch.ts';
import { UpdateOutput } from './update-output.ts';

/** A chunk that fills slowly is sent after this long. */
const FLUSH_AFTER_MILLISECONDS = 50;

const COUNT_UNKNOWN = 'the number of entries in the table cannot be read, which the estimates of a sample require';

type Send = (message: DumpMessage, transfer?: readonly ArrayBuffer[]) => void;

/** One pass over the table, step by step, so that a worker can run several passes at once. */
export class DumpRunner {
  private readonly source: EntrySource;
  private readonly send: Send;
  private readonly output: Output;
  private readonly stream: StreamOutput | undefined;
  private readonly table: TableWatch;
  private readonly takeMatching: (view: EntryView) => boolean;
  private readonly sampleSize: number | undefined;
  private scanned = 0;
  /** Whether there is an entry after the last one of the sample. */
  private isBeyondSample = false;
  private flushedAt = 0;
  private hasRead = false;

  /** @param open called after the number of buckets was read, so that a later resize is detected */
  constructor(job: DumpJob, open: () => EntrySource, send: Send) {
    this.send = send;
    this.table = new TableWatch(job.bucketsPaths, job.countPath);
    try {
      this.source = open();
    } catch (error) {
      this.table.close();
      throw error;
    }
    const { output } = job;
    if (output.kind === 'stream') {
      this.stream = new StreamOutput(output.format, output.limit, (buffer, length) => {
        this.flushedAt = performance.now();
        send({ kind: 'chunk', buffer, length, tally: this.tally() }, [buffer]);
      });
      this.output = this.stream;
    } else this.output = passOutput(output);
    this.sampleSize = sampleSizeOf(output);
    this.takeMatching = this.sampled(this.consumer(job.filter));
  }

  addBuffer(buffer: ArrayBuffer): void {
    this.stream?.addBuffer(buffer);
  }

  addPart(part: CountedPart): void {
    this.output.addPart?.(part);
  }

  /** Whether the next step can run. */
  isReady(): boolean {
    return this.hasRead ? !this.isWaiting() : (this.stream?.hasRoom() ?? true);
  }

  /** Runs one step. True if the pass has ended: its `end` message is sent and its source closed. */
  step(): boolean {
    try {
      this.hasRead ||= this.source.advance(this.takeMatching) === 'end' || this.isFull();
      if (this.hasRead && !this.isWaiting()) {
        this.finish();
        return true;
      }
      if (this.stream && performance.now() - this.flushedAt > FLUSH_AFTER_MILLISECONDS) this.stream.flush();
      return false;
    } catch (error) {
      this.fail(error);
      return true;
    }
  }

  /** The number of buckets was written, perhaps twice. */
  noteResize(): void {
    this.table.isResized = true;
  }

  /** To be called every 50 ms until the pass has ended, also while it waits for its client. */
  watchTable(): void {
    this.table.check();
  }

  close(): void {
    this.output.abandon?.();
    this.source.close();
    this.table.close();
  }

  private consumer(filter: Filter): (view: EntryView) => boolean {
    const { output } = this;
    if (filter.kind === 'all' && filter.of.length === 0) {
      return (view) => {
        if (!output.take(view)) return false;
        this.scanned += 1;
        return true;
      };
    }
    const matches = compileFilter(filter, Date.now);
    return (view) => {
      if (matches(view) && !output.take(view)) return false;
      this.scanned += 1;
      return true;
    };
  }

  /** Only the entry after the sample shows that it is not the whole table. */
  private sampled(take: (view: EntryView) => boolean): (view: EntryView) => boolean {
    const { sampleSize } = this;
    if (sampleSize === undefined) return take;
    return (view) => {
      this.isBeyondSample = this.scanned === sampleSize;
      return !this.isBeyondSample && take(view);
    };
  }

  /** Absent if the whole table is summarised. */
  private sample(): Sample | undefined {
    if (this.sampleSize === undefined) return undefined;
    const { scanned: size, isBeyondSample, table } = this;
    const { initialCount = 0 } = table;
    // At least one of the counted entries was not read.
    return { size, entries: Math.max(initialCount, isBeyondSample ? size + 1 : size), exact: !isBeyondSample, confidence: CONFIDENCE };
  }

  private isFull(): boolean {
    return this.isBeyondSample || this.output.isFull();
  }

  private isWaiting(): boolean {
    return this.output.isWaiting?.() ?? false;
  }

  private finish(): void {
    this.table.check();
    if (this.isBeyondSample && this.table.initialCount === undefined) throw new Error(COUNT_UNKNOWN);
    if (this.table.isResized || this.source.isInconsistent) this.end('resized');
    else if (this.isFull()) this.end('truncated');
    else this.end(this.source.unparsed > 0 ? 'lossy' : 'complete');
  }

  private fail(error: unknown): void {
    this.end('interrupted', `reading failed: ${error instanceof Error ? error.message : String(error)}`);
  }

  private end(outcome: DumpOutcome, reason?: string): void {
    const result = this.output.finish(this.sample());
    const { isFilteredByKernel } = this.source;
    const counts = this.table.counts();
    this.source.close();
    this.table.close();
    const message = { kind: 'end', outcome, tally: this.tally(), isFilteredByKernel, result } as const;
    this.send(
      { ...message, ...(counts && { counts }), ...(reason !== undefined && { reason }) },
      result.counted ? buffersOf(result.counted) : [],
    );
  }

  private tally(): Tally {
    return { entries: this.output.entries, scanned: this.scanned, unparsed: this.source.unparsed };
  }
}

function passOutput(output: PassOutput): Output {
  switch (output.kind) {
    case 'page':
      return new PageOutput(output.limit, output.after);
    case 'count':
      return new CountOutput();
    case 'summary':
      return new SummaryOutput(output);
    case 'delete':
      return new DeleteOutput(output);
    case 'update':
      return new UpdateOutput(output.targets);
  }
}
