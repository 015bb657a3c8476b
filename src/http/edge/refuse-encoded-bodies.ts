import type { FastifyInstance } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { ConntrackError } from '../../domain/conntrack-error.ts';

const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;]*))/gi;
const UTF_8 = ['utf-8', 'utf8'];
/** Methods whose body is ignored. */
const IGNORED = ['GET', 'HEAD'];

/** Refuses bodies that are compressed or not in UTF-8: this service would read them as something else than the client sent. */
export function refuseEncodedBodies(fastify: Pick<FastifyInstance, 'addHook'>): void {
  fastify.addHook('onRequest', ({ method, headers }, reply, done) => {
    const found = !IGNORED.includes(method) && hasBody(headers) ? otherEncodingIn(headers) : undefined;
    if (found !== undefined) {
      // RFC 9110, 15.5.16: what would be accepted.
      reply.header('accept-encoding', 'identity');
      throw new ConntrackError('UNSUPPORTED_MEDIA_TYPE', `A body must be JSON in UTF-8 without compression; found ${found}.`, {
        remedy: 'Send Content-Type: application/json, in UTF-8, without Content-Encoding.',
      });
    }
    done();
  });
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function otherEncodingIn({ 'content-encoding': encoding = '', 'content-type': type = '' }: IncomingHttpHeaders): string | undefined {
  if (!['', 'identity'].includes(encoding.trim().toLowerCase())) return 'the header Content-Encoding';
  const charsets = [...type.matchAll(CHARSET)].map(([, quoted, plain = '']) => (quoted ?? plain).trim().toLowerCase());
  return charsets.every((charset) => UTF_8.includes(charset)) ? undefined : 'another charset in Content-Type';
}
