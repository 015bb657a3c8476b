import { defineConfig } from 'vitest/config';

/** What `npm test` runs: no root, no conntrack, no network, nothing on the host changed. */
export default defineConfig({
  test: {
    include: ['test/{unit,integration,e2e,contract}/**/*.test.ts'],
    // Loading Nest anew for each file would take two fifths of the time. No test leaves anything behind in a module.
    isolate: false,
    // Vitest leaves one core free of its own accord: of two that is half.
    maxWorkers: '100%',
    // A disk that others use too may keep one fsync waiting for half a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
