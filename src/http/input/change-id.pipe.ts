import type { PipeTransform } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isDecimal } from './checks.ts';
import { foundIn } from './printable.ts';

/** Text in the path that cannot be a change id gives 404, like an id that does not exist. */
export class ChangeIdPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    if (isDecimal(1, Number.MAX_SAFE_INTEGER)(value)) return Number(value);
    throw new ConntrackError('CHANGE_NOT_FOUND', 'There is no such change: change ids are integers from 1.', {
      errors: [{ field: 'id', expected: 'a decimal integer from 1', ...foundIn(value) }],
    });
  }
}
