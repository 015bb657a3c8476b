import type { ClosedChange, Failure } from '../../domain/change.ts';
import { FailedChange } from './problem.ts';
import { ChangeDto } from '../documents/change.dto.ts';

/** A change that did what was asked, as an answer. @throws FailedChange for one that did not: it is recorded, and it is a problem. */
export function changeResponse(change: ClosedChange): ChangeDto {
  switch (change.outcome) {
    case 'applied':
    case 'adjusted':
    case 'recovered-applied':
    case 'recovered-unchanged':
      return ChangeDto.of(change);
    case 'diverged':
      if (change.failure) throw failed(change, change.failure, 'What was done stays done: see "change".');
      return ChangeDto.of(change);
    case 'failed':
      throw failed(change, change.failure, change.kind === 'deletion' ? 'Nothing was deleted.' : 'What had been done is undone.');
    case 'not-effective':
      throw new FailedChange(change, 'WRITE_NOT_EFFECTIVE', `${change.failure.message} What had been done is undone.`, {});
    case 'restore-failed':
      throw new FailedChange(
        change,
        'RESTORE_FAILED',
        `The change failed (${change.failure.message}) and so did undoing it (${change.restoreFailure.message}).`,
        { remedy: 'Compare "before" with the live values in the recorded change and restore the host by hand.' },
      );
  }
}

function failed(change: ClosedChange, { code, message, errno }: Failure, rest: string): FailedChange {
  return new FailedChange(change, code, `${message} ${rest}`, errno === undefined ? {} : { errno });
}
