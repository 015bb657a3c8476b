/** A thread that is in the namespace it was told and finds that it cannot come back: its descriptor of where it came from is gone. */
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { inNamespace } from '../../../src/kernel/netlink/in-namespace.ts';

const DESCRIPTORS = '/proc/self/fd';

const attempt = (): string => {
  try {
    inNamespace(workerData as string, () => {
      for (const fd of readdirSync(DESCRIPTORS)) if (linkOf(fd).startsWith('net:[')) closeSync(Number(fd));
    });
    return 'it came back';
  } catch (error) {
    return `it went on after: ${String(error)}`;
  }
};

parentPort?.postMessage('it went there');
parentPort?.postMessage(attempt());

/** Empty for the descriptor that the list of them was read through. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`${DESCRIPTORS}/${fd}`);
  } catch {
    return '';
  }
}
