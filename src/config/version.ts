import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the package that this file belongs to, from the sources and built. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
