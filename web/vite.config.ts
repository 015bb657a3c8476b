import { defineConfig } from 'vite';

/** All resources are files of this service: its content security policy refuses inline scripts and styles, and other origins. */
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
