import { requireMemory } from '../memory/require-memory.ts';
import type { DumpOutput } from './dump-job.ts';

/** Of a row or an entry in a response: in the worker, on the main thread, and as JSON. */
const ROW_BYTES = 2_048;
const ENTRY_BYTES = 8_192;
/** Of each key of a summary, in each part, before it grows. */
const KEY_BYTES = 262_144;
/** Buffers, and what the first dump in a format takes while its code is compiled: up to 12 MiB were seen. */
const STREAM_BYTES = 8 * 1_048_576;

interface Need {
  readonly what: string;
  readonly bytes: number;
  /** What a client can request instead. */
  readonly remedy: string;
}

/** Refuses dumps that could exceed the memory limit, because the kernel would kill the whole process. */
export class OutputMemory {
  /** Of dumps that are running: it may not be in use yet. */
  private reservedBytes = 0;

  /**
   * @returns releases the memory
   * @throws ConntrackError `RESOURCES_EXHAUSTED`
   */
  reserve(output: DumpOutput): () => void {
    const { what, bytes, remedy } = needOf(output);
    const subject = this.reservedBytes === 0 ? what : `${what}, with the dumps that already run,`;
    if (bytes > 0) requireMemory(subject, bytes + this.reservedBytes, remedy);
    this.reservedBytes += bytes;
    return () => {
      this.reservedBytes -= bytes;
    };
  }
}

function needOf(output: DumpOutput): Need {
  switch (output.kind) {
    case 'summary': {
      const { by, top } = output.request;
      return {
        what: 'The summary',
        bytes: by.length * (output.parts * KEY_BYTES + top * ROW_BYTES),
        remedy: 'Request fewer keys (`by`) or rows (`top`).',
      };
    }
    case 'page':
      return { what: 'The page', bytes: output.limit * ENTRY_BYTES, remedy: 'Request fewer entries (`limit`).' };
    case 'delete':
      return { what: 'The deletion', bytes: output.keep * ENTRY_BYTES, remedy: 'Delete fewer entries at once.' };
    case 'update':
      return { what: 'The update', bytes: output.targets.length * ENTRY_BYTES, remedy: 'Update fewer entries at once (`limit`).' };
    case 'stream':
      return { what: 'The stream', bytes: STREAM_BYTES, remedy: 'Request a page.' };
    case 'count':
      return { what: 'The count', bytes: 0, remedy: '' };
  }
}
