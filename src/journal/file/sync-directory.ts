import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes durable which files a directory has. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
