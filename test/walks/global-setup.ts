import type { TestProject } from 'vitest/node';
import { guardHost, requireRealKernel } from '../kernel/support/global-setup.ts';

/** The setup of the kernel tests without the built service, because this test builds its own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await requireRealKernel();
  return guardHost(project);
}
