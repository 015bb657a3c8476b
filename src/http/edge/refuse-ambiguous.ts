import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { ConntrackError } from '../../domain/conntrack-error.ts';

/** If one of these is repeated, Node uses the first value; a proxy in front may have checked the last. */
const ONCE = ['host', 'origin', 'authorization', 'content-type', 'sec-fetch-site'];

/**
 * Refuses requests that two HTTP parsers could read differently (RFC 9112, 3.2 and 6.1), and closes the connection. Node's parser refuses
 * most of them itself.
 */
export function refuseAmbiguous(fastify: Pick<FastifyInstance, 'addHook'>): void {
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    const ambiguity = ambiguityIn(raw);
    if (ambiguity !== undefined) {
      reply.header('connection', 'close');
      throw new ConntrackError('INVALID_REQUEST', ambiguity);
    }
    done();
  });
}

/** Why two parsers could read the request differently; `undefined` if they could not. */
export function ambiguityIn({ rawHeaders, headers, httpVersion, url = '' }: IncomingMessage): string | undefined {
  const names = rawHeaders.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const repeated = ONCE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (repeated !== undefined) return `The header ${repeated} appears more than once.`;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion !== '1.1'))
    return 'The only transfer coding supported is chunked, with HTTP/1.1.';
  return url.startsWith('/') ? undefined : 'The request target must be a path.';
}
