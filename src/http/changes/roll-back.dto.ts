import { ApiProperty } from '@nestjs/swagger';
import type { RollbackRequest } from '../../application/change/roll-back-change.ts';
import { isBoolean, isInteger } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { ChangeOptionsDto } from './change-options.dto.ts';

export class RollBackDto extends ChangeOptionsDto {
  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description:
      'Also overwrite values and files that were changed since. Without it, such conflicts are listed and the rollback is refused.',
    example: false,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly force?: boolean;

  static toRequest(id: number, { force = false, reason }: RollBackDto): RollbackRequest {
    return { what: 'change', id, force, reason: reason ?? null };
  }
}

export class RollBackToDto extends RollBackDto {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    description: 'Change id. Everything after this change is rolled back; the change itself stays.',
    example: 7,
  })
  @Expect('the id of a change: an integer from 1', isInteger(1, Number.MAX_SAFE_INTEGER))
  readonly change!: number;

  static toRequestTo({ change, force = false, reason }: RollBackToDto): RollbackRequest {
    return { what: 'to', id: change, force, reason: reason ?? null };
  }
}
