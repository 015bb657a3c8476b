import { defineConfig } from 'vitest/config';

/** What `npm run test:fuzz` runs: valid and mutated requests, generated from the OpenAPI document, against the built service over a recorded tree. */
export default defineConfig({
  test: {
    include: ['test/fuzz/**/*.test.ts'],
    fileParallelism: false,
    retry: 0,
    testTimeout: 7_200_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
