import { mkdirSync } from 'node:fs';

/** Creates the directory for its owner alone where it is absent; leaves an existing one as its owner made it. */
export function ensureDataDirectory(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
}
