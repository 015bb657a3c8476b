import { parentPort } from 'node:worker_threads';

/** The message that ends a worker. */
export const END = 'end';

/** For the code of a worker: passes commands to `onCommand` until the main thread ends the worker. */
export function receiveCommands(onCommand: (command: never) => void): void {
  parentPort?.on('message', (command: unknown) => {
    // In a worker, this ends the thread and not the process.
    if (command === END) process.exit();
    onCommand(command as never);
  });
}
