import type { Architecture } from './architecture.ts';
import type { Dependencies } from './dependencies.ts';

/** What a package is built from. */
export interface Packaged {
  readonly architecture: Architecture;
  readonly dependencies: Dependencies;
  /** The version as in package.json, used in the file name. */
  readonly version: string;
  /** The version inside the package. */
  readonly packageVersion: string;
  readonly out: string;
}

/** `1.0.0-rc.1` as `1.0.0~rc.1`, which dpkg and rpm sort before `1.0.0`. */
export function packageVersionOf(version: string): string {
  return version.replace('-', '~').replaceAll('-', '.');
}
