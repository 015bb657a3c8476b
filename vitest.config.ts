import { defineConfig } from 'vitest/config';

/** What `npm test` runs: no root, no conntrack, no network, nothing on the host changed. */
export default defineConfig({
  test: {
    include: ['test/{unit,integration,e2e,contract}/**/*.test.ts'],
    // Loading Nest for each file takes two fifths of the time. Tests leave no state behind in modules.
    isolate: false,
    // By default Vitest leaves one core free: half of a machine with two.
    maxWorkers: '100%',
    // On a shared disk one fsync can take half a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A second, the default, passes while another process has the cores.
    expect: { poll: { timeout: 30_000 } },
  },
});
