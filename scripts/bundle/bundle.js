// Bundles the compiled service into few files, which load in less than half the time: node scripts/bundle/bundle.js [FROM TO]
import { globSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const ENTRIES = ['main.js', 'service/boot-helper.js', 'client/client.js', '**/*-thread.js'];
const NATIVE = ['better-sqlite3', 'koffi'];
const OF_THE_CLIENT = ['openapi-fetch'];
/** Loaded by the libraries only for features that the service does not use. */
const UNUSED = [
  /^@nestjs\/(microservices|websockets|platform-express)/,
  'class-transformer',
  '@fastify/view',
  '@fastify/multipart',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
];
/** Node evaluates every getter of a built-in module that an ES module imports. Among those of `http` is the client of WebSockets. */
const BUILT_IN = /^(?:node:)?(https?|http2|process)$/;
const DIST_URL = '__DIST_URL__';

/** Modules of the service find files relative to where they would be in dist if they were not bundled. */
const keepLocations = (from) => ({
  name: 'keep-locations',
  transform: {
    filter: { code: 'import.meta.url' },
    handler: (code, id) => {
      if (!id.startsWith(`${from}/`)) return null;
      return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(relative(from, id))}, ${DIST_URL}).href`);
    },
  },
  renderChunk: (code, { fileName }) => {
    const top = relative(dirname(fileName), '') || '.';
    return code.includes(DIST_URL) ? code.replaceAll(DIST_URL, `new URL("${top}/", import.meta.url)`) : null;
  },
});

const withoutFacades = {
  name: 'without-facades',
  resolveId: { order: 'pre', filter: { id: BUILT_IN }, handler: (id) => `\0${id.replace(/^node:/, '')}` },
  load: {
    filter: { id: /^\0/ },
    handler: (id) => ({ code: `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(1))});`, moduleType: 'js' }),
  },
};

/** Nest imports the whole of class-validator for a pipe that the service does not use. */
const withoutUnusedImports = {
  name: 'without-unused-imports',
  resolveId: {
    order: 'pre',
    filter: { id: /^class-validator$/ },
    handler: (id, _importer, { kind }) => (kind === 'dynamic-import' ? { id, external: true } : null),
  },
};

async function bundle(from, to) {
  const names = globSync(ENTRIES, { cwd: from });
  const service = await rolldown({
    cwd: ROOT,
    platform: 'node',
    input: Object.fromEntries(names.map((name) => [name.replace(/\.js$/, ''), join(from, name)])),
    external: [...NATIVE, ...OF_THE_CLIENT, ...UNUSED],
    resolve: {
      alias: {
        '@nestjs/swagger': join(import.meta.dirname, 'no-documentation.js'),
        // The variants as ES modules, of which only the used parts are bundled.
        'class-validator': join(ROOT, 'node_modules/class-validator/esm2015/index.js'),
        'rxjs/operators': join(ROOT, 'node_modules/rxjs/dist/esm/operators/index.js'),
        rxjs: join(ROOT, 'node_modules/rxjs/dist/esm/index.js'),
      },
    },
    plugins: [withoutUnusedImports, withoutFacades, keepLocations(from)],
  });
  await service.write({
    dir: to,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // Function names stay, and lines stay short: Node prints the line of an uncaught error.
    keepNames: true,
    comments: { legal: true, annotation: false, jsdoc: false },
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
  });
  await service.close();
  writeFileSync(join(to, 'openapi.json'), JSON.stringify(parse(readFileSync(join(ROOT, 'openapi/openapi.yaml'), 'utf8'))));
}

const [from = join(ROOT, 'build'), to = join(ROOT, 'dist')] = process.argv.slice(2);
await bundle(realpathSync(from), to);
