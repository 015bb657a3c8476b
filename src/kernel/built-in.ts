import { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';
import type { KernelLayout } from './kernel-layout.ts';
import { isAbsent } from './system-failure.ts';

/** Whether conntrack is compiled into this kernel rather than loaded as a module; `null` where neither can be shown. */
export async function isBuiltIn(files: KernelFiles, layout: KernelLayout): Promise<boolean | null> {
  const modules = await orFailure(files.readText('/proc/modules'));
  // A kernel built without CONFIG_MODULES has no list.
  if (modules instanceof KernelFileError) return isAbsent(modules.failure) ? true : null;
  if (modules.split('\n').some((line) => line.startsWith(`${layout.name} `))) return false;
  return (await files.exists(layout.moduleDirectory)) ? true : null;
}
