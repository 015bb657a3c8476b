import { StreamableFile } from '@nestjs/common';
import type { KernelEvents } from '../../application/ports/kernel-events.ts';
import type { EventRequest } from '../../domain/filter/entry-event.ts';
import { ChunkStream } from '../entries/chunk-stream.ts';

export const EVENT_STREAM = 'text/event-stream';

/** Never compressed: an event must not wait in a compressor for the next. Ends the listening as soon as the client hangs up. */
export async function answerEvents(kernel: KernelEvents, request: EventRequest, type: string): Promise<StreamableFile> {
  return new StreamableFile(new ChunkStream(await kernel.listen(request)), { type });
}
