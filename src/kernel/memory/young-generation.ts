import { setFlagsFromString } from 'node:v8';

/**
 * While modules load and under load, V8 grows the space for new objects to 32 MB or more and does not shrink it afterwards. At its initial
 * size, it is collected more often, and each collection takes less time.
 *
 * The flag has effect while the process runs; `--max-semi-space-size` does not. It applies to all threads, and V8 resets it whenever a thread
 * starts.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
