import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { fileURLToPath } from 'node:url';

/** Output directory of `npm run build` for the page. The relative path is the same from src and from dist. */
export const PAGE_DIRECTORY = fileURLToPath(new URL('../../../dist/web/', import.meta.url));
export const PAGE = 'index.html';

/** No inline code, nothing from other origins, no text interpreted as markup. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * Serves the page's files, and provides `sendFile` for the page itself. They need no token: they contain nothing about the host and read
 * everything from the API, with the token that the user enters.
 */
export function servePage(app: NestFastifyApplication): void {
  // Not awaited: routes that are ready before Nest starts do not have its handler of errors.
  void app.register(fastifyStatic, {
    root: `${PAGE_DIRECTORY}assets`,
    prefix: '/assets/',
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders,
  });
}

/** Files under assets/ have a content hash in their names and are cached. The page refers to them and is revalidated each time. */
function setHeaders(reply: FastifyReply, path: string): void {
  reply.headers({
    'content-security-policy': POLICY,
    'x-frame-options': 'DENY',
    'cache-control': path.endsWith(PAGE) ? 'no-cache' : 'public, max-age=31536000, immutable',
  });
}
