import { defineConfig } from 'vitest/config';

/** What `npm run test:page` runs: the built service and its page in a real browser, Debian's chromium. */
export default defineConfig({
  test: {
    include: ['test/page/**/*.test.ts'],
    fileParallelism: false,
    sequence: { concurrent: false },
    retry: 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
