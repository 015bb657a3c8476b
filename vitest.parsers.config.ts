import { defineConfig } from 'vitest/config';

/** What `npm run test:parsers` runs: the boot preview beside the programs that really read those files. Root, for chroot. */
export default defineConfig({
  test: {
    include: ['test/parsers/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
