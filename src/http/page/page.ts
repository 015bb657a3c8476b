import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { fileURLToPath } from 'node:url';

/** Where `npm run build` puts the page; the same place for src and for dist. */
export const PAGE_DIRECTORY = fileURLToPath(new URL('../../../dist/web/', import.meta.url));
export const PAGE = 'index.html';

/** Nothing inline, nothing from elsewhere, no text turned into markup. */
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
 * The page's files, and `sendFile` for the page itself. They need no token: they tell nothing of the host, and ask the API for
 * everything with the token that its reader gives.
 */
export async function servePage(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyStatic, {
    root: `${PAGE_DIRECTORY}assets`,
    prefix: '/assets/',
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders,
  });
}

/** A file under assets/ has its content's hash in its name; the page, which names them, is asked for anew each time. */
function setHeaders(reply: FastifyReply, path: string): void {
  reply.headers({
    'content-security-policy': POLICY,
    'x-frame-options': 'DENY',
    'cache-control': path.endsWith(PAGE) ? 'no-cache' : 'public, max-age=31536000, immutable',
  });
}
