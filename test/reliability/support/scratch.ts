import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is removed when this process ends, also by Ctrl-C. */
export function scratchDirectory(label: string): string {
  const directory = mkdtempSync(join(tmpdir(), `conntrack-api-${label}-`));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  return directory;
}
