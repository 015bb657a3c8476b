import { closeSync, openSync, readdirSync, statSync } from 'node:fs';
import { constants, open, readdir, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseIfExhausted } from '../domain/exhausted.ts';
import { KernelFileError, type FileUse } from './kernel-file-error.ts';
import { readText, readTextNow, readWritableNow } from './read-text.ts';
import { isAbsent, systemFailure } from './system-failure.ts';

const DECIMAL = /^-?(0|[1-9]\d*)\n?$/;

/**
 * Whether reading takes microseconds and never waits: such files are read at once, on the main thread. Each other file operation waits for one
 * of the four threads of libuv, so that a flood of reads would delay changes and reverts. The module parameters below /sys are not among them:
 * reading one waits for a resize of the hash table. Files of another host wait for the network.
 */
function isImmediate(root: string, path: string): boolean {
  return root === '/' && (IMMEDIATE_FILES.has(path) || IMMEDIATE_DIRECTORIES.some((directory) => path.startsWith(directory)));
}

const IMMEDIATE_DIRECTORIES = ['/proc/sys/', '/proc/net/stat/', '/sys/class/net/', '/sys/kernel/slab/'];
const IMMEDIATE_FILES = new Set([
  '/proc/meminfo',
  '/proc/modules',
  '/proc/net/sockstat',
  '/proc/net/sockstat6',
  '/proc/uptime',
  '/sys/devices/system/cpu/online',
]);

/**
 * The files of the kernel below a root. Paths are those of the host (`/proc/…`), in arguments and in errors. Every method throws
 * KernelFileError, and ConntrackError `RESOURCES_EXHAUSTED` for lack of file descriptors.
 */
export class KernelFiles {
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Whether the root is not `/`, so that these are not the files of the running kernel. */
  get isElsewhere(): boolean {
    return this.root !== '/';
  }

  /** The path below the root. */
  place(path: string): string {
    return join(this.root, path);
  }

  async exists(path: string): Promise<boolean> {
    return (await this.mode(path)) !== undefined;
  }

  /** Permission bits; `undefined` if the file does not exist. */
  async mode(path: string): Promise<number | undefined> {
    try {
      const place = this.place(path);
      return (isImmediate(this.root, path) ? statSync(place) : await stat(place)).mode & 0o777;
    } catch (error) {
      refuseIfExhausted(path, error);
      const failure = systemFailure(error);
      if (isAbsent(failure)) return undefined;
      throw new KernelFileError('read', path, failure);
    }
  }

  async list(directory: string): Promise<readonly string[]> {
    return this.reading(directory, (place) => (isImmediate(this.root, directory) ? readdirSync(place) : readdir(place)));
  }

  async readText(path: string): Promise<string> {
    return this.reading(path, isImmediate(this.root, path) ? readTextNow : readText);
  }

  async readBytes(path: string): Promise<Buffer> {
    return this.reading(path, (place) => readFile(place));
  }

  /** The last `bytes` bytes of a file. */
  async readTail(path: string, bytes: number): Promise<string> {
    return this.reading(path, async (place) => {
      await using file = await open(place);
      const position = Math.max(0, (await file.stat()).size - bytes);
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(bytes), position });
      return buffer.toString('utf8', 0, bytesRead);
    });
  }

  /** Accepts canonical decimal only; anything else is `MALFORMED`. */
  async readNumber(path: string): Promise<number> {
    const text = await this.readText(path);
    const value = Number(text);
    if (DECIMAL.test(text) && Number.isSafeInteger(value)) return value;
    const message = `expected a decimal integer, found ${JSON.stringify(text.slice(0, 40))}`;
    throw new KernelFileError('read', path, { code: 'MALFORMED', message });
  }

  /**
   * The value of a file of the running kernel that can be read and written, from one descriptor: half as many system calls as `readNumber` and
   * `tryToOpen`.
   *
   * @returns undefined if it cannot be opened for both, or has no canonical decimal: the other methods report why
   */
  readIfWritable(path: string): number | undefined {
    if (!isImmediate(this.root, path)) return undefined;
    try {
      const text = readWritableNow(path);
      return DECIMAL.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Opens and closes the file. Only this accounts for capabilities, mounts and namespaces. Changes nothing. */
  async tryToOpen(path: string, use: FileUse): Promise<void> {
    await this.using(use, path, async (place) => {
      const flags = use === 'read' ? constants.O_RDONLY : constants.O_WRONLY;
      if (isImmediate(this.root, path)) closeSync(openSync(place, flags));
      else await (await open(place, flags)).close();
    });
  }

  /** Writes canonical decimal with one write(). The file must exist. */
  async writeNumber(path: string, value: number): Promise<void> {
    if (!Number.isSafeInteger(value)) throw new RangeError(`expected a safe integer for ${path}, found ${String(value)}`);
    await this.using('write', path, async (place) => {
      await writeOnce(await open(place, constants.O_WRONLY | constants.O_TRUNC), Buffer.from(`${String(value)}\n`));
    });
  }

  private reading<T>(path: string, action: (place: string) => Promise<T> | T): Promise<T> {
    return this.using('read', path, action);
  }

  private async using<T>(use: FileUse, path: string, action: (place: string) => Promise<T> | T): Promise<T> {
    try {
      return await action(this.place(path));
    } catch (error) {
      refuseIfExhausted(path, error);
      throw new KernelFileError(use, path, systemFailure(error));
    }
  }
}

/** Never calls write() twice: the kernel parses each call as a complete value. */
async function writeOnce(file: FileHandle, bytes: Buffer): Promise<void> {
  try {
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten !== bytes.length) throw Object.assign(new Error('only a part was written'), { code: 'EIO' });
  } finally {
    await file.close();
  }
}

/** Returns the error instead of throwing it. */
export async function orFailure<T>(attempt: Promise<T>): Promise<T | KernelFileError> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof KernelFileError) return error;
    throw error;
  }
}
