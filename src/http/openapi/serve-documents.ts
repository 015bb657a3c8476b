import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
/** The other files of the package are unused, or show its own example. */
const FILES = /^\/(swagger-ui\.css|swagger-ui-(bundle|standalone-preset)\.js|favicon-(16x16|32x32)\.png)$/;
const HTML = 'text/html; charset=utf-8';
const JAVASCRIPT = 'application/javascript; charset=utf-8';

/**
 * Serves Swagger UI at /docs and the document at /openapi.json. Nothing is loaded from or sent to another host.
 *
 * @param readDocument the OpenAPI document as JSON; read at the first request for it
 */
export function serveDocuments(app: NestFastifyApplication, readDocument: () => Promise<string>): void {
  const adapter = app.getHttpAdapter();
  let document: Promise<string> | undefined;
  adapter.get('/openapi.json', async (_request, reply) => {
    document ??= readDocument();
    return reply.type('application/json; charset=utf-8').send(await document);
  });
  for (const [path, files] of [
    ['/docs', './docs/'],
    ['/docs/', './'],
    ['/docs/index.html', './'],
  ] as const)
    adapter.get(path, (_request, reply): FastifyReply => reply.type(HTML).send(page(files)));
  adapter.get('/docs/swagger-ui-init.js', (_request, reply): FastifyReply => reply.type(JAVASCRIPT).send(START));
  // Not awaited: routes that are ready before Nest starts do not have its handler of errors.
  void app.register(fastifyStatic, {
    root: SWAGGER_UI,
    prefix: '/docs/',
    index: false,
    decorateReply: false,
    allowedPath: (path) => FILES.test(path),
  });
}

/** @param files where the page finds its files, relative to its own address, which a proxy can change */
function page(files: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>conntrack-api</title>
  <link rel="stylesheet" href="${files}swagger-ui.css">
  <link rel="icon" type="image/png" href="${files}favicon-32x32.png" sizes="32x32">
  <link rel="icon" type="image/png" href="${files}favicon-16x16.png" sizes="16x16">
  <style>
    body { margin: 0; background: #fafafa }
    .swagger-ui .topbar .download-url-wrapper { display: none }
  </style>
</head>
<body>
<div id="swagger-ui"></div>
<script src="${files}swagger-ui-bundle.js"></script>
<script src="${files}swagger-ui-standalone-preset.js"></script>
<script src="${files}swagger-ui-init.js"></script>
</body>
</html>
`;
}

const OPTIONS = {
  dom_id: '#swagger-ui',
  layout: 'StandaloneLayout',
  deepLinking: true,
  validatorUrl: null,
  displayRequestDuration: true,
  docExpansion: 'list',
  filter: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 0,
  persistAuthorization: false,
};

interface SwaggerUi {
  preauthorizeApiKey: (scheme: string, token: string) => void;
  getStore: () => { subscribe: (listener: () => void) => void };
  authSelectors: { authorized: () => { getIn: (path: readonly string[]) => string | undefined } };
}
declare const ui: SwaggerUi;

/**
 * Runs in the browser, where its source text is sent. Keeps the token until the tab is closed, in the session storage that the page uses too:
 * persistAuthorization of Swagger UI would store it on disk.
 */
function keepToken(): void {
  const key = 'conntrack-api.token';
  const read = (): string | undefined => ui.authSelectors.authorized().getIn(['token', 'value']);
  const stored = globalThis.sessionStorage.getItem(key);
  if (stored !== null) ui.preauthorizeApiKey('token', stored);
  ui.getStore().subscribe(() => {
    const token = read();
    if (token === undefined) globalThis.sessionStorage.removeItem(key);
    else globalThis.sessionStorage.setItem(key, token);
  });
}

/** The document is one directory above the files. */
const START = `window.ui = SwaggerUIBundle({
  ...${JSON.stringify(OPTIONS, null, 2)},
  url: new URL('../openapi.json', document.currentScript.src).href,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  onComplete: ${String(keepToken)},
});
`;
