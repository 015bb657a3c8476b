import type { Worker } from 'node:worker_threads';

/** A thread in the middle of a receive hears of nothing until the kernel answers. */
const PATIENCE_MILLISECONDS = 5_000;

/**
 * Settles when the thread is gone. It is asked, and ends itself when it has loaded what it runs: one that is terminated while it loads native
 * code (koffi) takes the process with it. Only one that does not listen is terminated.
 *
 * @param ask sends the thread what makes it call `process.exit()`
 */
export async function endThread(worker: Worker, ask: () => void): Promise<void> {
  // Of a worker that is gone already.
  if (worker.threadId < 0) return;
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      resolve();
    });
  });
  worker.ref();
  ask();
  const patience = setTimeout(() => void worker.terminate(), PATIENCE_MILLISECONDS);
  await gone;
  clearTimeout(patience);
}
