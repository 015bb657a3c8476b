import { defineConfig } from 'vitest/config';

/** What `npm run walk:npm` runs: the README from a fresh clone on this machine, as root. All changes are reverted. */
export default defineConfig({
  test: {
    include: ['test/walks/**/*.test.ts'],
    globalSetup: ['test/walks/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    sequence: { concurrent: false },
    retry: 0,
    // Each step depends on the ones before it.
    bail: 1,
    testTimeout: 600_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
