import type { Capability } from '../domain/capabilities.ts';
import type { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';
import { isAbsent } from './system-failure.ts';

/** A capability without its name. */
export type Finding = Omit<Capability, 'name'>;

export function through(via: string): Finding {
  return { available: true, via };
}

/** @param remedy replaces the remedy of the error */
export function refusedBy(error: KernelFileError, remedy = error.remedy): Finding {
  return { available: false, reason: error.message, remedy };
}

/** @param absentRemedy remedy if the file does not exist */
export async function readable(files: KernelFiles, path: string, absentRemedy?: string): Promise<Finding> {
  const refused = await orFailure(files.tryToOpen(path, 'read'));
  return refused ? refusedBy(refused, isAbsent(refused.failure) ? absentRemedy : undefined) : through(path);
}

/** The first available finding. If none is available, the reasons of all and the remedy of the first. */
export function firstOf(...findings: readonly [Finding, Finding]): Finding {
  const [first, second] = findings;
  if (first.available) return first;
  return second.available ? second : { ...first, reason: `${first.reason ?? ''} ${second.reason ?? ''}` };
}
