import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { openApiDocument } from './openapi.ts';

/** Serves Swagger UI at /docs and the document at /openapi.json. Nothing is loaded from or sent to another host. */
export function serveDocuments(app: NestFastifyApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, version), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'conntrack-api',
    swaggerOptions: {
      validatorUrl: null,
      displayRequestDuration: true,
      docExpansion: 'list',
      filter: true,
      tryItOutEnabled: true,
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 0,
      persistAuthorization: false,
      onComplete: keepToken,
    },
  });
}

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
