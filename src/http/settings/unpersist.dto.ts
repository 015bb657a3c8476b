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
    description: 'Settings names that are no longer to be persisted; left out: all. `max` and `buckets` go together, as they came.',
    example: ['max', 'buckets'],
  })
  @Expect('a list, without repetition, of settings names', isListOfNames)
  @Optional()
  readonly settings?: readonly string[];

  static toRequest({ settings, reason }: UnpersistDto): UnpersistRequest {
    return { names: settings ?? null, reason: reason ?? null };
  }
}
