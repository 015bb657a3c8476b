/** Loaded before the service: waits for one byte, so that a tracer can be attached before the service does anything. */
import { readSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';

// Worker threads inherit the option that loads this file, and start when the tracer is attached.
if (isMainThread) {
  // The first asynchronous call creates libuv's thread, which must exist to be traced.
  await stat('.');
  writeSync(1, 'held\n');
  readSync(0, Buffer.alloc(1));
}
