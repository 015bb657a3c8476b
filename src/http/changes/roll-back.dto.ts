import { ApiProperty } from '@nestjs/swagger';
import type { RollbackRequest } from '../../application/change/roll-back-change.ts';
import { isBoolean, isInteger, matches, NAMESPACE_NAME } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { ChangeOptionsDto } from './change-options.dto.ts';

export class RollBackDto extends ChangeOptionsDto {
  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description:
      'Also overwrite values and files that were changed since. Without it, such conflicts are listed and the rollback is refused. Of an update of entries: also overwrite the marks and labels that were changed since. Without it, such entries are skipped, and the rollback is refused only if no entry is left to restore.',
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

  @ApiProperty({
    required: false,
    maxLength: 255,
    description:
      'Name of a network namespace: what was changed in it is rolled back, and nothing else. Default: the namespace of the service. Changes in other network namespaces are left alone.',
    example: 'blue',
  })
  @Expect('the name of a network namespace', matches(NAMESPACE_NAME))
  @Optional()
  readonly namespace?: string;

  static toRequestTo({ change, namespace, force = false, reason }: RollBackToDto): RollbackRequest {
    return { what: 'to', id: change, force, reason: reason ?? null, ...(namespace !== undefined && { namespace }) };
  }
}
