import { defineConfig } from 'vitest/config';

/** What `npm run test:kernel` runs: this machine's kernel, as root, one test at a time. All changes are reverted at the end. */
export default defineConfig({
  test: {
    include: ['test/kernel/**/*.test.ts'],
    globalSetup: ['test/kernel/support/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    sequence: { concurrent: false },
    // A test that fails once against a real kernel has found a problem.
    retry: 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
