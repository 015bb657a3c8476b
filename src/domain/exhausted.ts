import { ConntrackError, errnoOf } from './conntrack-error.ts';

/** The errno of a lack of file descriptors. It says nothing about the file that was to be opened. */
const REASONS: Readonly<Record<string, string>> = {
  EMFILE: 'the limit on open files of the service is reached',
  ENFILE: 'the limit on open files of the host is reached',
};
const REMEDIES: Readonly<Record<string, string>> = {
  EMFILE: 'Raise LimitNOFILE= of the systemd unit, or close connections, then repeat. No restart is needed.',
  ENFILE: 'Raise fs.file-max, or end processes that hold many files, then repeat.',
};

/** @throws ConntrackError `RESOURCES_EXHAUSTED` if a file could not be opened for lack of file descriptors */
export function refuseIfExhausted(path: string, error: unknown): void {
  const errno = errnoOf(error) ?? '';
  const reason = REASONS[errno];
  if (reason === undefined) return;
  throw new ConntrackError('RESOURCES_EXHAUSTED', `${path} cannot be opened: ${reason} (${errno}).`, {
    errno,
    cause: error,
    ...(REMEDIES[errno] !== undefined && { remedy: REMEDIES[errno] }),
  });
}
