import { defineConfig } from 'vitest/config';

/** What `npm run test:parsers` runs: the boot preview compared with the programs that read the files at boot. Needs root for chroot. */
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
