import type { TestProject } from 'vitest/node';
import { guardHost, requireRealKernel } from '../kernel/support/global-setup.ts';

/** As for the kernel tests, without the built service: a walk builds its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await requireRealKernel();
  return guardHost(project);
}
