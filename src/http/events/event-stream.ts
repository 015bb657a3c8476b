import { createParamDecorator, StreamableFile, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { KernelEvents } from '../../application/ports/kernel-events.ts';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import { ChunkStream } from '../entries/chunk-stream.ts';

export const EVENT_STREAM = 'text/event-stream';

/** The `Last-Event-ID` header, which clients send when they reconnect (HTML, 9.2.4). */
export const LastEventId = createParamDecorator((_data: unknown, context: ExecutionContext): string | undefined => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['last-event-id'];
  return Array.isArray(header) ? header.join() : header;
});

/** Never compressed: events must not wait in the buffer of a compressor. Unsubscribes as soon as the client disconnects. */
export async function eventsResponse(kernel: KernelEvents, request: EventRequest, type: string): Promise<StreamableFile> {
  return new StreamableFile(new ChunkStream(await kernel.listen(request)), { type });
}
