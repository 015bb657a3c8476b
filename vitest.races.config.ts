import { defineConfig } from 'vitest/config';

/** What `npm run test:races` runs: concurrent clients against the whole application over a copy of a recorded kernel tree. */
export default defineConfig({
  test: { include: ['test/races/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 30_000, maxWorkers: 2, reporters: ['verbose'] },
});
