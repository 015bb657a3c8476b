import { defineConfig } from 'vitest/config';

/** What `npm run walk:npm` runs: the README from nothing on this machine, as root. Everything changed is put back. */
export default defineConfig({
  test: {
    include: ['test/walks/**/*.test.ts'],
    globalSetup: ['test/walks/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    sequence: { concurrent: false },
    retry: 0,
    // What one step needs, others need too.
    bail: 1,
    testTimeout: 600_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
