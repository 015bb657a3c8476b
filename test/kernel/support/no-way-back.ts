/** A thread that enters a namespace and cannot return, because it closes the descriptor of its own namespace. */
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { inNamespace } from '../../../src/kernel/netlink/in-namespace.ts';

const DESCRIPTORS = '/proc/self/fd';

const attempt = (): string => {
  try {
    inNamespace(workerData as string, () => {
      for (const fd of readdirSync(DESCRIPTORS)) if (linkOf(fd).startsWith('net:[')) closeSync(Number(fd));
    });
    return 'it returned';
  } catch (error) {
    return `it continued after: ${String(error)}`;
  }
};

parentPort?.postMessage('it entered');
parentPort?.postMessage(attempt());

/** Empty for the descriptor of the directory listing itself. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`${DESCRIPTORS}/${fd}`);
  } catch {
    return '';
  }
}
