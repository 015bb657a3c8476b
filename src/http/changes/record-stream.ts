import { Readable } from 'node:stream';
import type { JournalRecords } from '../../application/ports/journal.ts';

export interface FollowOptions {
  readonly pollMilliseconds: number;
  readonly heartbeatMilliseconds: number;
  /** How long the client may read nothing while records are pending for it. */
  readonly readTimeoutMilliseconds: number;
}

/** Lines of records. Reads records only as fast as the client does. */
export class RecordStream extends Readable {
  private readonly records: JournalRecords;
  private readonly follow: FollowOptions | undefined;
  private timer: NodeJS.Timeout | undefined;
  private idleSince = performance.now();
  private isEnding = false;

  /**
   * @param first records that were already read
   * @param follow present: waits for more records after the newest, and sends an empty line if there is none at first or for a while, so that the
   *   response starts
   */
  constructor(records: JournalRecords, first: readonly string[], follow?: FollowOptions) {
    super();
    this.records = records;
    this.follow = follow;
    if (first.length > 0) this.send(textOf(first));
    else if (follow) this.send('\n');
  }

  /** Ends the stream after what was sent. */
  finish(): void {
    if (this.isEnding || this.destroyed) return;
    this.isEnding = true;
    clearTimeout(this.timer);
    this.push(null);
  }

  override _read(): void {
    if (this.isEnding) return;
    clearTimeout(this.timer);
    try {
      const lines = this.records.next();
      if (lines.length > 0) this.send(textOf(lines));
      else if (!this.follow) this.finish();
      else this.wait(this.follow);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.timer);
    done(error);
  }

  private send(text: string): void {
    this.idleSince = performance.now();
    // Set before the push, which may read on at once.
    if (this.follow) this.timer = setTimeout(() => this.destroy(), this.follow.readTimeoutMilliseconds).unref();
    this.push(text);
  }

  private wait({ pollMilliseconds, heartbeatMilliseconds }: FollowOptions): void {
    if (performance.now() - this.idleSince >= heartbeatMilliseconds) {
      this.send('\n');
      return;
    }
    this.timer = setTimeout(() => {
      this._read();
    }, pollMilliseconds);
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
