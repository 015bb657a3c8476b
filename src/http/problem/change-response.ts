import type { ChangeKind, ClosedChange, Failure } from '../../domain/change.ts';
import { FailedChange } from './problem.ts';
import { ChangeDto, failureFor } from '../documents/change.dto.ts';
import type { Reader } from '../documents/withheld-entries.ts';

/** The response for a change that took effect. @throws FailedChange for a change that did not: it is recorded, and the response is a problem document. */
export function changeResponse(change: ClosedChange, reader: Reader): ChangeDto {
  const shown = ChangeDto.of(change, reader);
  switch (change.outcome) {
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
      return shown;
    case 'diverged':
      if (change.failure)
        throw failed(shown, failureFor(reader, change, change.failure), 'The part already done was not rolled back: see "change".');
      return shown;
    case 'failed':
      throw failed(
        shown,
        failureFor(reader, change, change.failure),
        change.update ? 'Nothing was updated.' : (NOTHING_DONE[change.kind] ?? 'Everything already written has been rolled back.'),
      );
    case 'not-effective':
      throw new FailedChange(
        shown,
        'WRITE_NOT_EFFECTIVE',
        `${change.failure.message} Everything already written has been rolled back.`,
        {},
      );
    case 'restore-failed':
      throw new FailedChange(
        shown,
        'RESTORE_FAILED',
        `The change failed (${change.failure.message}), and rolling it back failed too (${change.restoreFailure.message}).`,
        { remedy: 'Compare "before" in the recorded change with the live values, and restore them manually.' },
      );
  }
}

/** Of kinds that write no value. */
const NOTHING_DONE: Partial<Record<ChangeKind, string>> = {
  deletion: 'Nothing was deleted.',
  'module-load': 'Nothing was changed.',
  unblock: 'Some blocks may remain.',
};

function failed(change: ChangeDto, { code, message, errno }: Failure, rest: string): FailedChange {
  return new FailedChange(change, code, `${message} ${rest}`, errno === undefined ? {} : { errno });
}
