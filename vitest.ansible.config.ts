import { defineConfig } from 'vitest/config';

/** What `npm run test:ansible` runs: Ansible against the built service on this machine's kernel, as root. All changes are reverted. */
export default defineConfig({
  test: {
    include: ['test/ansible/**/*.test.ts'],
    globalSetup: ['test/kernel/support/global-setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    sequence: { concurrent: false },
    retry: 0,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
