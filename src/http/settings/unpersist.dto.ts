import { ApiProperty } from '@nestjs/swagger';
import type { UnpersistRequest } from '../../application/change/unpersist-settings.ts';
import { ChangeOptionsDto } from '../changes/change-options.dto.ts';
import { isListOfNames } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

export class UnpersistDto extends ChangeOptionsDto {
  @ApiProperty({
    type: 'string',
    isArray: true,
    uniqueItems: true,
    required: false,
    description:
      'Names of the settings to unpersist. Default: all. `max` and `buckets` are unpersisted together, as they were persisted together.',
    example: ['max', 'buckets'],
  })
  @Expect('a list, without repetition, of setting names', isListOfNames)
  @Optional()
  readonly settings?: readonly string[];

  static toRequest({ settings, reason }: UnpersistDto): UnpersistRequest {
    return { names: settings ?? null, reason: reason ?? null };
  }
}
