import { defineConfig } from 'vitest/config';

/** What `npm run test:kernel` runs: this machine's kernel, as root, one test at a time. Everything changed is put back. */
export default defineConfig({
  test: {
    include: ['test/kernel/**/*.test.ts'],
    globalSetup: ['test/kernel/support/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    sequence: { concurrent: false },
    // A test that needs a second try against a real kernel has found something.
    retry: 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['verbose'],
  },
});
