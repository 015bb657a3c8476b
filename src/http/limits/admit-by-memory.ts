import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { ProcessMemory } from '../../application/ports/process-memory.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isProbe } from '../server/probe-paths.ts';
import { isRead } from '../server/request-queue.ts';

/**
 * Refuses requests for which too little memory is free, before anything is parsed or read. Probes are exempt: a refused probe would restart
 * the service.
 *
 * @param isKnown whether the client has recently proved who it is. Others do not learn the limit.
 */
export function admitByMemory(
  fastify: Pick<FastifyInstance, 'addHook'>,
  memory: ProcessMemory,
  isKnown: (request: IncomingMessage) => boolean,
): void {
  fastify.addHook('onRequest', ({ raw, url, method }, reply, done) => {
    if (!isProbe(url))
      reply.raw.once(
        'close',
        admit(memory, method, () => isKnown(raw)),
      );
    done();
  });
}

function admit(memory: ProcessMemory, method: string, isKnown: () => boolean): () => void {
  try {
    return memory.admit(isRead(method) ? 'read' : 'change');
  } catch (error) {
    if (!(error instanceof ConntrackError) || isKnown()) throw error;
    const { remedy } = error.details;
    throw new ConntrackError(
      error.code,
      'The memory limit of the service is too low for this request.',
      remedy === undefined ? {} : { remedy },
    );
  }
}
