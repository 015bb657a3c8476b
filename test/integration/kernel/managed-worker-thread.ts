import { parentPort, workerData } from 'node:worker_threads';
import { receiveCommands } from '../../../src/kernel/worker/worker-port.ts';

/** A command for the worker of the test. */
export type TestCommand = { readonly channel: number } & (
  | { readonly kind: 'echo'; readonly text: string }
  | { readonly kind: 'throw' | 'exit' }
  /** Blocks the thread as a system call does. */
  | { readonly kind: 'block'; readonly milliseconds: number }
);

if (workerData === 'fail') throw new Error('no start');

receiveCommands((command: TestCommand) => {
  switch (command.kind) {
    case 'echo':
      parentPort?.postMessage({ channel: command.channel, text: command.text });
      break;
    case 'throw':
      throw new Error('broken command');
    case 'exit':
      process.exit(3);
    // eslint-disable-next-line no-fallthrough -- process.exit does not return
    case 'block':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.milliseconds);
      break;
  }
});
