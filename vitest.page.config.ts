import { defineConfig } from 'vitest/config';

/** What `npm run test:page` runs: the built service and its page in a real browser, Debian's chromium. */
export default defineConfig({
  test: {
    include: ['test/page/**/*.test.ts'],
    // Each file starts a service and a browser, which are idle most of the time.
    maxWorkers: 2,
    sequence: { concurrent: false },
    retry: 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
