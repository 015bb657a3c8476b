import { defineConfig } from 'vite';

/** Everything is a file of this service: nothing inline, which its content security policy refuses, and nothing from elsewhere. */
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
    target: ['chrome125', 'firefox128', 'safari18'],
  },
  logLevel: 'warn',
});
