/**
 * Imported for its effect: file operations of `node:fs/promises` are executed synchronously in this process. On a file system in memory, handing
 * each of them to a thread takes ten times as long as the operation. The code under test and the calls that it makes stay the same.
 */
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const NAMES = [
  ...['access', 'chmod', 'chown', 'cp', 'lstat', 'mkdir', 'mkdtemp', 'readdir', 'readFile', 'readlink', 'rename', 'rm', 'stat'],
  ...['statfs', 'symlink', 'unlink', 'writeFile'],
] as const;
const HANDLE_NAMES = ['chmod', 'chown', 'datasync', 'stat', 'sync', 'truncate'] as const;

type Call = (...args: readonly unknown[]) => unknown;
const { closeSync, openSync, readSync, realpathSync, writeSync } = fs;
const calls = fs as unknown as Readonly<Record<string, Call>>;

/** Errors become rejections. */
// eslint-disable-next-line @typescript-eslint/require-await -- the promise is the purpose
async function attempt<T>(call: () => T): Promise<T> {
  return call();
}

function promised(name: string): (...args: readonly unknown[]) => Promise<unknown> {
  const call = calls[`${name}Sync`];
  if (!call) throw new Error(`node:fs has no ${name}Sync.`);
  return (...args) => attempt(() => call(...args));
}

/** The part of FileHandle that the product uses. Anything else is absent, so that its use fails. */
function handle(fd: number): object {
  const close = (): Promise<void> =>
    attempt(() => {
      closeSync(fd);
    });
  return {
    fd,
    close,
    [Symbol.asyncDispose]: close,
    ...Object.fromEntries(HANDLE_NAMES.map((name) => [name, (...args: readonly unknown[]) => promised(`f${name}`)(fd, ...args)])),
    readFile: promised('readFile').bind(undefined, fd),
    writeFile: promised('writeFile').bind(undefined, fd),
    read: (target: Buffer | { readonly buffer: Buffer; readonly position: number }, offset?: number, length?: number) =>
      attempt(() => {
        const { buffer, position } = Buffer.isBuffer(target) ? { buffer: target, position: null } : target;
        return { buffer, bytesRead: readSync(fd, buffer, offset ?? 0, length ?? buffer.length, position) };
      }),
    write: (buffer: Buffer) => attempt(() => ({ buffer, bytesWritten: writeSync(fd, buffer) })),
  };
}

Object.assign(promises, Object.fromEntries(NAMES.map((name) => [name, promised(name)])), {
  realpath: (path: string) => attempt(() => realpathSync.native(path)),
  open: (path: string, flags?: string | number, mode?: number) => attempt(() => handle(openSync(path, flags ?? 'r', mode))),
});
syncBuiltinESMExports();
/** Looking for a file that is absent is frequent, and most of its cost is the stack of the error. */
Error.stackTraceLimit = 4;
