import { constants, open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { KernelFileError, type FileUse } from './kernel-file-error.ts';
import { isAbsent, systemFailure } from './system-failure.ts';

const DECIMAL = /^-?(0|[1-9]\d*)\n?$/;

/**
 * The kernel's files below a root. Paths are given as the host sees them (`/proc/…`), and named so in errors. Every method throws
 * KernelFileError.
 */
export class KernelFiles {
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Whether these are not the files of the running kernel. */
  get isElsewhere(): boolean {
    return this.root !== '/';
  }

  /** Where a file lies below the root. */
  place(path: string): string {
    return join(this.root, path);
  }

  async exists(path: string): Promise<boolean> {
    return (await this.mode(path)) !== undefined;
  }

  /** Permission bits; `undefined` where there is no such file. */
  async mode(path: string): Promise<number | undefined> {
    try {
      return (await stat(this.place(path))).mode & 0o777;
    } catch (error) {
      const failure = systemFailure(error);
      if (isAbsent(failure)) return undefined;
      throw new KernelFileError('read', path, failure);
    }
  }

  async list(directory: string): Promise<readonly string[]> {
    return this.reading(directory, (place) => readdir(place));
  }

  async readText(path: string): Promise<string> {
    return this.reading(path, readWhole);
  }

  async readBytes(path: string): Promise<Buffer> {
    return this.reading(path, (place) => readFile(place));
  }

  /** The last `bytes` of a file that may be large. */
  async readTail(path: string, bytes: number): Promise<string> {
    return this.reading(path, async (place) => {
      await using file = await open(place);
      const position = Math.max(0, (await file.stat()).size - bytes);
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(bytes), position });
      return buffer.toString('utf8', 0, bytesRead);
    });
  }

  /** Canonical decimal only; anything else is `MALFORMED`. */
  async readNumber(path: string): Promise<number> {
    const text = await this.readText(path);
    const value = Number(text);
    if (DECIMAL.test(text) && Number.isSafeInteger(value)) return value;
    const message = `expected a decimal integer, found ${JSON.stringify(text.slice(0, 40))}`;
    throw new KernelFileError('read', path, { code: 'MALFORMED', message });
  }

  /** Opens the file and closes it again: the only answer that counts capabilities, mounts and namespaces in. Alters nothing. */
  async tryToOpen(path: string, use: FileUse): Promise<void> {
    await this.using(use, path, async (place) => {
      const file = await open(place, use === 'read' ? constants.O_RDONLY : constants.O_WRONLY);
      await file.close();
    });
  }

  /** Writes canonical decimal in one write() to a file that must exist. */
  async writeNumber(path: string, value: number): Promise<void> {
    if (!Number.isSafeInteger(value)) throw new RangeError(`expected a safe integer for ${path}, found ${String(value)}`);
    await this.using('write', path, async (place) => {
      await writeOnce(await open(place, constants.O_WRONLY | constants.O_TRUNC), Buffer.from(`${String(value)}\n`));
    });
  }

  private reading<T>(path: string, action: (place: string) => Promise<T>): Promise<T> {
    return this.using('read', path, action);
  }

  private async using<T>(use: FileUse, path: string, action: (place: string) => Promise<T>): Promise<T> {
    try {
      return await action(this.place(path));
    } catch (error) {
      throw new KernelFileError(use, path, systemFailure(error));
    }
  }
}

/**
 * Buffers that are lent to one read after the other. `readFile` takes 64 KiB for each file that does not tell its size, as none in /proc does:
 * memory outside the heap, for which the collector soon stops the service for 30 ms, again and again.
 */
const PIECE_BYTES = 65_536;
const spare: Buffer[] = [];

async function readWhole(place: string): Promise<string> {
  const piece = spare.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
  const decoder = new StringDecoder('utf8');
  try {
    await using file = await open(place);
    for (let text = ''; ;) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return text + decoder.end();
      text += decoder.write(piece.subarray(0, bytesRead));
    }
  } finally {
    spare.push(piece);
  }
}

/** Never a second write(): the kernel takes each as a value of its own. */
async function writeOnce(file: FileHandle, bytes: Buffer): Promise<void> {
  try {
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten !== bytes.length) throw Object.assign(new Error('it was written in part'), { code: 'EIO' });
  } finally {
    await file.close();
  }
}

/** The value, or the reason why there is none. */
export async function orFailure<T>(attempt: Promise<T>): Promise<T | KernelFileError> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof KernelFileError) return error;
    throw error;
  }
}
