/** The sentences of "Dependency direction": folders import inward only, adapters never each other. */

// main.ts, app.module.ts, cli/ and service/ are the composition: they may import everything.
const folder = (names) => `^src/(${names})/`;
const adapters = folder('http|kernel|boot-files|journal|tls|oidc|webhooks');
// Only the build runs openapi.ts, which generates the OpenAPI document.
const entryPoints =
  '^(src/(main|service/boot-helper|http/openapi/openapi|.*-thread|client/client)\\.ts|web/(main\\.tsx|vite\\.config\\.ts))$';
const installed = (names) => `node_modules/(${names})(/|$)`;

const onlyIn = (name, owner, path, except = '$^') => ({
  name,
  severity: 'error',
  from: { path: '^src/[^/]+/', pathNot: [folder(owner), folder('cli|service'), except] },
  to: { path },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-folder-cycles', severity: 'error', scope: 'folder', from: {}, to: { circular: true } },
    {
      name: 'nothing-imports-the-composition',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: folder('cli|service') },
      to: { path: ['^src/[^/]+\\.ts$', folder('cli|service')] },
    },
    {
      name: 'no-orphans',
      comment: 'A source file that neither the command line nor a worker thread reaches is unused.',
      severity: 'error',
      from: { path: entryPoints },
      to: { path: '^(src|web)/', pathNot: [entryPoints, '\\.(json|html|svg)$'], reachable: false },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'domain-imports-nothing',
      comment: 'Not even Node.',
      severity: 'error',
      from: { path: folder('domain') },
      to: { pathNot: folder('domain') },
    },
    {
      name: 'application-imports-domain-and-nest-common-only',
      severity: 'error',
      from: { path: folder('application') },
      to: { pathNot: [folder('application|domain'), installed('@nestjs/common')] },
    },
    {
      name: 'only-five-callers-of-the-change-gate',
      comment:
        'ChangeHost changes settings and boot files, DeleteEntries deletes entries, ChangeEntries updates them, LoadModule loads the module, ManageBlocks removes blocks. Every other use case goes through one of them.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(application/change/(change-host|delete-entries|change-entries|load-module|manage-blocks)|app\\.module)\\.ts$',
      },
      to: { path: '^src/application/change/change-gate\\.ts$' },
    },
    {
      name: 'changes-are-applied-behind-the-gate-only',
      comment: 'ApplyChange, ApplyDeletion, ApplyUpdate and ApplyLoad write to the host: they need an open turn at the gate.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(application/change/(change-host|delete-entries|change-entries|load-module|apply-deletion|apply-update|apply-load)|app\\.module)\\.ts$',
      },
      to: { path: '^src/application/change/apply-(change|deletion|update|load)\\.ts$' },
    },
    {
      name: 'adapters-import-inward-only',
      severity: 'error',
      from: { path: adapters },
      to: { path: '^src/', pathNot: ['^src/$1/', folder('application|domain')] },
    },
    {
      name: 'config-imports-inward-only',
      severity: 'error',
      from: { path: folder('config') },
      to: { path: '^src/', pathNot: folder('config|application|domain') },
    },
    onlyIn(
      'only-http-knows-the-web',
      'http',
      installed('fastify|@fastify|@nestjs/(platform-fastify|swagger)|class-validator|class-transformer'),
    ),
    onlyIn('only-journal-knows-sql', 'journal', [installed('better-sqlite3'), '^sqlite$', '^node:sqlite$']),
    onlyIn('only-oidc-knows-jwt', 'oidc', installed('jose')),
    onlyIn('only-webhooks-sign', 'webhooks', installed('standardwebhooks')),
    onlyIn('only-kernel-uses-workers', 'kernel', '^worker_threads$'),
    {
      name: 'http-touches-no-files',
      comment: 'HTTP reaches the host through ports.',
      severity: 'error',
      from: { path: folder('http') },
      to: { path: ['^fs(/promises)?$', '^child_process$'] },
    },
    {
      name: 'page-uses-the-public-api-only',
      comment: 'The page knows only the HTTP API, whose types are generated from the OpenAPI document.',
      severity: 'error',
      from: { path: '^web/' },
      to: { pathNot: ['^web/', installed('preact|uplot|vite'), '^src/client/schema\\.ts$'] },
    },
    {
      name: 'page-imports-types-only-from-the-client',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'product-does-not-know-its-page', severity: 'error', from: { path: '^src/' }, to: { path: '^web/' } },
    {
      name: 'client-stands-alone',
      comment: 'Importing the client does not load the service.',
      severity: 'error',
      from: { path: folder('client') },
      to: { pathNot: [folder('client'), installed('openapi-fetch')] },
    },
    {
      name: 'boot-helper-is-small',
      comment: 'It runs as root and starts for each request.',
      severity: 'error',
      from: { path: '^src/service/boot-helper\\.ts$' },
      to: {
        path: ['node_modules/', '^src/(application|config|http|journal)/'],
        pathNot: [installed('koffi'), '^src/application/ports/'],
        reachable: true,
      },
    },
    { name: 'nobody-starts-processes', severity: 'error', from: { path: '^src/' }, to: { path: '^child_process$' } },
    { name: 'product-does-not-know-its-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench)/' } },
    {
      name: 'no-development-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types count too: a type imported from the wrong folder is the same dependency.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
