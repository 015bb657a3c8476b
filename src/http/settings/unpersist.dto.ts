import { ApiProperty } from '@nestjs/swagger';
import type { UnpersistRequest } from '../../application/change/unpersist-settings.ts';
import { ChangeOptionsDto } from '../changes/change-options.dto.ts';
import { isNonEmptyListOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { ACCEPTED_NAMES, isSettingName, settingNamesIn } from '../input/setting-names.ts';

export class UnpersistDto extends ChangeOptionsDto {
  @ApiProperty({
    type: 'string',
    isArray: true,
    uniqueItems: true,
    required: false,
    description: `Names of the settings to unpersist. Default: all. \`max\` and \`buckets\` are unpersisted together, as they were persisted together. ${ACCEPTED_NAMES}`,
    example: ['max', 'buckets'],
  })
  @Expect('a list, without repetition, of setting names', isNonEmptyListOf(isSettingName))
  @Optional()
  readonly settings?: readonly string[];

  static toRequest({ settings, reason }: UnpersistDto): UnpersistRequest {
    return { names: settings ? settingNamesIn('settings', settings) : null, reason: reason ?? null };
  }
}
