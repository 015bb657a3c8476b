import type { ClosedChange } from '../../domain/change.ts';
import { FailedChange } from '../problem/problem.ts';
import { ChangeDto } from './change.dto.ts';

/** A change that did what was asked, as an answer. @throws FailedChange for one that did not: it is recorded, and it is a problem. */
export function changeAnswer(change: ClosedChange): ChangeDto {
  switch (change.outcome) {
    case 'applied':
    case 'adjusted':
    case 'observed-requested':
    case 'observed-before':
    case 'diverged':
      return ChangeDto.of(change);
    case 'failed': {
      const { code, message, errno } = change.failure;
      throw new FailedChange(change, code, `${message} What had been done is undone.`, errno === undefined ? {} : { errno });
    }
    case 'mismatch':
      throw new FailedChange(change, 'WRITE_NOT_EFFECTIVE', `${change.failure.message} What had been done is undone.`, {});
    case 'unrestored':
      throw new FailedChange(
        change,
        'HOST_UNRESTORED',
        `The change failed (${change.failure.message}) and so did undoing it (${change.undoFailure.message}).`,
        { remedy: 'Compare "before" with the live values in the recorded change and restore the host by hand.' },
      );
  }
}
