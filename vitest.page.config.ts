import { defineConfig } from 'vitest/config';

/** What `npm run test:page` runs: the built service and its page in a real browser, Debian's chromium. */
export default defineConfig({
  test: {
    include: ['test/page/**/*.test.ts'],
    // Each file has a service and a browser of its own, which wait most of the time.
    maxWorkers: 2,
    sequence: { concurrent: false },
    retry: 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
