import { ConntrackError, type ErrorDetails } from './conntrack-error.ts';

/** @param what the change or record that is in the archive, as the subject of a sentence */
export function archivedError(
  what: string,
  { file, change }: { readonly file: string; readonly change: number },
  details: ErrorDetails = {},
): ConntrackError {
  return new ConntrackError('ARCHIVED', `${what} is in the archive ${file}: the database continues after change ${change}.`, {
    ...details,
    remedy: `Read the file. To verify it together with the database, run conntrack-api journal verify --archive ${file}.`,
  });
}
