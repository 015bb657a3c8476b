import type { ClosedChange, Failure } from '../../domain/change.ts';
import { FailedChange } from './problem.ts';
import { ChangeDto } from '../documents/change.dto.ts';

/** The response for a change that took effect. @throws FailedChange for a change that did not: it is recorded, and the response is a problem document. */
export function changeResponse(change: ClosedChange): ChangeDto {
  switch (change.outcome) {
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
      return ChangeDto.of(change);
    case 'diverged':
      if (change.failure) throw failed(change, change.failure, 'The part already done was not rolled back: see "change".');
      return ChangeDto.of(change);
    case 'failed':
      throw failed(
        change,
        change.failure,
        change.kind === 'deletion' ? 'Nothing was deleted.' : 'Everything already written has been rolled back.',
      );
    case 'not-effective':
      throw new FailedChange(
        change,
        'WRITE_NOT_EFFECTIVE',
        `${change.failure.message} Everything already written has been rolled back.`,
        {},
      );
    case 'restore-failed':
      throw new FailedChange(
        change,
        'RESTORE_FAILED',
        `The change failed (${change.failure.message}), and rolling it back failed too (${change.restoreFailure.message}).`,
        { remedy: 'Compare "before" in the recorded change with the live values, and restore them manually.' },
      );
  }
}

function failed(change: ClosedChange, { code, message, errno }: Failure, rest: string): FailedChange {
  return new FailedChange(change, code, `${message} ${rest}`, errno === undefined ? {} : { errno });
}
