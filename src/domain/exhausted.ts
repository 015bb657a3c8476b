import { ConntrackError, errnoOf } from './conntrack-error.ts';

export const RAISE_NOFILE = 'Raise LimitNOFILE= of the systemd unit, or close connections, then repeat. No restart is needed.';

/** What the errno of a lack of file descriptors means for an operator. It says nothing about the file that was to be opened. */
const CAUSES: Readonly<Record<string, { readonly reason: string; readonly remedy: string }>> = {
  EMFILE: { reason: 'the limit on open files of the service is reached', remedy: RAISE_NOFILE },
  ENFILE: {
    reason: 'the limit on open files of the host is reached',
    remedy: 'Raise fs.file-max, or end processes that hold many files, then repeat.',
  },
};

/** @throws ConntrackError `RESOURCES_EXHAUSTED` if a file could not be opened for lack of file descriptors */
export function refuseIfExhausted(path: string, error: unknown): void {
  const refusal = exhausted(`${path} cannot be opened`, errnoOf(error), error);
  if (refusal) throw refusal;
}

/** @returns `RESOURCES_EXHAUSTED` if the errno is of a lack of file descriptors */
export function exhausted(what: string, errno: string | undefined, cause: unknown): ConntrackError | undefined {
  const found = CAUSES[errno ?? ''];
  if (errno === undefined || found === undefined) return undefined;
  return new ConntrackError('RESOURCES_EXHAUSTED', `${what}: ${found.reason} (${errno}).`, { errno, cause, remedy: found.remedy });
}
