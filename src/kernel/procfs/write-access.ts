import { KernelFileError } from '../kernel-file-error.ts';
import { orFailure, type KernelFiles } from '../kernel-files.ts';

export const WRITE_BITS = 0o222;

/** Tests without writing why a kernel file cannot be written; `undefined` if it can. */
export async function refusalToWrite(files: KernelFiles, path: string): Promise<KernelFileError | undefined> {
  const mode = await orFailure(files.mode(path));
  if (mode instanceof KernelFileError) return mode;
  if (mode !== undefined && (mode & WRITE_BITS) === 0) return readOnlyByMode(path, mode);
  const opened = await orFailure(files.tryToOpen(path, 'write'));
  return opened instanceof KernelFileError ? opened : undefined;
}

export function readOnlyByMode(path: string, mode: number): KernelFileError {
  const message = `its mode is 0${mode.toString(8)}: the kernel makes it read-only, for example in a child network namespace`;
  return new KernelFileError('write', path, { code: 'EACCES', message }, 'Change it in the initial network namespace.');
}
