import type { HostCapabilities } from '../domain/capabilities.ts';
import type { KernelFiles } from './kernel-files.ts';
import type { KernelLayout } from './kernel-layout.ts';

/** Modern kernels show the alias of max in the initial network namespace only; the legacy ones had no others. */
export async function networkNamespace(files: KernelFiles, layout: KernelLayout): Promise<HostCapabilities['namespace']> {
  if (layout.name === 'ip_conntrack') return 'initial';
  return (await files.exists(layout.maxAlias)) ? 'initial' : 'child';
}
