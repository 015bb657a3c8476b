/** Loaded before the service: waits for one byte, so that a tracer can be attached before anything has happened. */
import { readSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';

// The first asynchronous call makes libuv's thread, which must be there to be traced.
await stat('.');
writeSync(1, 'held\n');
readSync(0, Buffer.alloc(1));
