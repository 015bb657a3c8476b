import { ConntrackError, errnoOf } from '../../domain/conntrack-error.ts';
import { RAISE_NOFILE } from '../../domain/exhausted.ts';

/** What the errno of pthread_create() and of the calls that prepare a thread means for an operator. */
const CAUSES: Readonly<Record<string, { readonly reason: string; readonly remedy: string }>> = {
  EAGAIN: {
    reason: 'the limit on processes and threads is reached',
    remedy: 'Raise TasksMax= or LimitNPROC= of the systemd unit (pids.max of the cgroup), then repeat. No restart is needed.',
  },
  ENOMEM: {
    reason: 'the memory limit is reached',
    remedy: 'Raise MemoryMax= or LimitAS= of the systemd unit, then repeat. No restart is needed.',
  },
  EMFILE: {
    reason: 'the limit on open files is reached',
    remedy: RAISE_NOFILE,
  },
};
const OTHER = { reason: 'the system refused it', remedy: 'Repeat later. The log has the details under the request id.' };

/** For an error that `new Worker` throws. @throws the error itself if it does not come from the system */
export function workerNotStarted(error: unknown): ConntrackError {
  const message = error instanceof Error ? error.message : String(error);
  const errno = /\bE[A-Z]{3,}\b(?!_)/.exec(message)?.[0];
  if (errno === undefined && !isFailedStart(error)) throw error;
  const { reason, remedy } = CAUSES[errno ?? ''] ?? OTHER;
  return new ConntrackError('RESOURCES_EXHAUSTED', `A worker thread could not be started: ${reason} (${errno ?? message}).`, {
    cause: error,
    remedy,
    ...(errno !== undefined && { errno }),
  });
}

function isFailedStart(error: unknown): boolean {
  return ['ERR_WORKER_INIT_FAILED', 'ERR_WORKER_OUT_OF_MEMORY'].includes(errnoOf(error) ?? '');
}
