import { closeSync, openSync, readSync } from 'node:fs';
import { systemFailure } from '../system-failure.ts';

/** The least and the greatest number of entries that the kernel counted while a pass ran. */
export interface SeenCounts {
  readonly fewest: number;
  readonly most: number;
}

/** Longer than any number in these files. */
const TEXT_BYTES = 64;
const text = Buffer.alloc(TEXT_BYTES);

/**
 * Notices a resize of the hash table while a pass runs, also one there and back: the kernel does not report it. A new size is visible for a
 * few hundred milliseconds at least, because the writer then waits for an RCU grace period.
 */
export class TableWatch {
  isResized = false;
  /** Number of entries when the pass began; `undefined` if they are not counted. */
  readonly initialCount: number | undefined;
  private readonly bucketsFile: number | undefined;
  private readonly countFile: number | undefined;
  private readonly buckets: string | undefined;
  private fewest = Number.POSITIVE_INFINITY;
  private most = 0;

  /**
   * @param bucketsPaths files with the number of buckets, best first
   * @param countPath file with the number of entries in the network namespace of the thread; absent: they are not counted
   */
  constructor(bucketsPaths: readonly string[], countPath: string | undefined) {
    this.bucketsFile = openFirst(bucketsPaths);
    this.countFile = openFirst(countPath === undefined ? [] : [countPath]);
    this.buckets = read(this.bucketsFile);
    this.check();
    this.initialCount = this.counts()?.fewest;
  }

  /** To be called every 50 ms. Costs two small reads. */
  check(): void {
    if (read(this.bucketsFile) !== this.buckets) this.isResized = true;
    const count = Number(read(this.countFile) ?? Number.NaN);
    if (!Number.isSafeInteger(count)) return;
    this.fewest = Math.min(this.fewest, count);
    this.most = Math.max(this.most, count);
  }

  /** `undefined` if the entries are not counted. */
  counts(): SeenCounts | undefined {
    return this.fewest > this.most ? undefined : { fewest: this.fewest, most: this.most };
  }

  close(): void {
    for (const file of [this.bucketsFile, this.countFile]) if (file !== undefined) closeSync(file);
  }
}

function openFirst(paths: readonly string[]): number | undefined {
  for (const path of paths) {
    try {
      return openSync(path, 'r');
    } catch (error) {
      systemFailure(error);
    }
  }
  return undefined;
}

function read(file: number | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return text.toString('latin1', 0, readSync(file, text, 0, TEXT_BYTES, 0));
  } catch (error) {
    systemFailure(error);
    return undefined;
  }
}
