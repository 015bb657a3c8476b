import type { HostCapabilities } from '../domain/capabilities.ts';
import { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';
import type { KernelLayout } from './layout.ts';
import { isAbsent } from './system-failure.ts';

/** How connection tracking, which is present, came into this kernel. */
export async function provisionOf(files: KernelFiles, layout: KernelLayout): Promise<HostCapabilities['provision']> {
  const modules = await orFailure(files.readText('/proc/modules'));
  // A kernel built without CONFIG_MODULES has no list.
  if (modules instanceof KernelFileError) return isAbsent(modules.failure) ? 'built-in' : 'unknown';
  if (modules.split('\n').some((line) => line.startsWith(`${layout.name} `))) return 'module';
  return (await files.exists(layout.moduleDirectory)) ? 'built-in' : 'unknown';
}
