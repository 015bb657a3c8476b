import { closeSync, openSync, readSync } from 'node:fs';
import type { EntrySource, TakeEntry } from '../entries/entry-source.ts';
import { fillView } from '../entries/entry-to-view.ts';
import { EntryView } from '../entries/entry-view.ts';
import { BLOCK_BYTES, readLines } from './dump-lines.ts';
import { parseEntryLine } from './entry-line.ts';

/** Linux 2.4 lists expected flows behind the entries. */
const EXPECTED = 'EXPECTING: ';
/** Lines per call of `advance`. */
const LINES_A_STEP = 100;

/** The table as text: `/proc/net/nf_conntrack`, or the legacy `/proc/net/ip_conntrack`. */
export class TextSource implements EntrySource {
  unparsed = 0;
  readonly isFilteredByKernel = false;
  readonly isInconsistent = false;
  private readonly descriptor: number;
  private readonly lines: Iterator<string | undefined, void>;
  private readonly view = new EntryView();
  /** Whether the view holds an entry that `take` refused. */
  private isPending = false;
  private isOpen = true;

  /** Reads the first block at once, so that the caller gets its error. @throws an error of `node:fs` */
  constructor(path: string) {
    this.descriptor = openSync(path, 'r');
    const first = Buffer.allocUnsafe(BLOCK_BYTES);
    let ahead: number | undefined;
    try {
      ahead = readSync(this.descriptor, first, 0, BLOCK_BYTES, null);
    } catch (error) {
      this.close();
      throw error;
    }
    this.lines = readLines((buffer, offset, length) => {
      if (ahead === undefined) return readSync(this.descriptor, buffer, offset, length, null);
      const copied = first.copy(buffer, offset, 0, ahead);
      ahead = undefined;
      return copied;
    });
  }

  advance(take: TakeEntry): 'more' | 'paused' | 'end' {
    for (let count = 0; count < LINES_A_STEP; count += 1) {
      if (!this.isPending && !this.readOne()) return 'end';
      if (this.isPending && !take(this.view)) return 'paused';
      this.isPending = false;
    }
    return 'more';
  }

  close(): void {
    if (this.isOpen) closeSync(this.descriptor);
    this.isOpen = false;
  }

  /** Reads one line; false at the end. */
  private readOne(): boolean {
    const { done, value } = this.lines.next();
    if (done === true) return false;
    if (value?.startsWith(EXPECTED) === true) return true;
    const entry = value === undefined ? undefined : parseEntryLine(value);
    if (entry) fillView(entry, this.view);
    else this.unparsed += 1;
    this.isPending = entry !== undefined;
    return true;
  }
}
