import { closeSync, constants, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemFailure, type SystemFailure } from '../system-failure.ts';
import type { KernelRequestOf, NamespaceReading, NamespaceWrite, SettingReading } from './kernel-request.ts';

const DECIMAL = /^-?(0|[1-9]\d{0,14})\n?$/;

/*
 * The files of /proc/sys/net show the network namespace of the thread that opens them. So everything here is synchronous: Node runs what is
 * asynchronous in other threads, which stay in the namespace of the service.
 */

export function readNumber(path: string): number | SystemFailure {
  try {
    const text = readFileSync(path, 'utf8');
    if (DECIMAL.test(text)) return Number(text);
    return { code: 'MALFORMED', message: `expected a decimal integer, found ${JSON.stringify(text.slice(0, 40))}` };
  } catch (error) {
    return systemFailure(error);
  }
}

/** @throws errors of `node:fs` if the directory cannot be listed */
export function readSettings({ directory, prefix }: KernelRequestOf<'settings'>): NamespaceReading['settings'] {
  const files = readdirSync(directory).filter((file) => file.startsWith(prefix));
  return Object.fromEntries(files.map((file) => [file.slice(prefix.length), readSetting(join(directory, file))]));
}

function readSetting(path: string): SettingReading {
  const refusal = attempt(() => {
    closeSync(openSync(path, constants.O_WRONLY));
  });
  return { value: readNumber(path), mode: statSync(path).mode & 0o777, ...(refusal && { refusal }) };
}

/** Writes canonical decimal with one write(): the kernel parses each call as a complete value. */
export function writeNumber({ path, value }: KernelRequestOf<'write'>): NamespaceWrite {
  const refused = attempt(() => {
    const fd = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
    try {
      const bytes = Buffer.from(`${String(value)}\n`);
      if (writeSync(fd, bytes) !== bytes.length) throw Object.assign(new Error('only a part was written'), { code: 'EIO' });
    } finally {
      closeSync(fd);
    }
  });
  return refused ? { refused } : { value: readNumber(path) };
}

function attempt(action: () => void): SystemFailure | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return systemFailure(error);
  }
}
