import { closeSync, openSync, readSync } from 'node:fs';

/** Of more than the kernel prints into any of these files. */
const BLOCK_BYTES = 16_384;
/** Then all are closed: files of cgroups that the process has left are never read again. */
const MOST_FILES = 64;

interface Kept {
  readonly file: number;
  readonly bytes: Buffer;
  length: number;
  text: string;
}

/**
 * Small files of /proc and /sys that are read every second: each stays open, and is decoded only when it has changed. Opening, decoding and
 * the garbage of it would be a fifth of what an idle service costs.
 */
export class KeptFiles {
  private readonly block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  private readonly files = new Map<string, Kept>();

  /** Empty if the file cannot be read. */
  readonly text = (path: string): string => {
    try {
      return this.read(path);
    } catch {
      this.forget(path);
      return '';
    }
  };

  private read(path: string): string {
    const kept = this.files.get(path) ?? this.open(path);
    const length = readSync(kept.file, this.block, 0, BLOCK_BYTES, 0);
    if (length !== kept.length || this.block.compare(kept.bytes, 0, length, 0, length) !== 0) {
      this.block.copy(kept.bytes, 0, 0, length);
      kept.length = length;
      kept.text = kept.bytes.toString('latin1', 0, length);
    }
    return kept.text;
  }

  private open(path: string): Kept {
    if (this.files.size >= MOST_FILES) for (const each of this.files.keys()) this.forget(each);
    const kept = { file: openSync(path, 'r'), bytes: Buffer.allocUnsafeSlow(BLOCK_BYTES), length: 0, text: '' };
    this.files.set(path, kept);
    return kept;
  }

  private forget(path: string): void {
    const kept = this.files.get(path);
    this.files.delete(path);
    if (kept) closeSync(kept.file);
  }
}
