import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ChangeRequest } from '../../application/change/change-settings.ts';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import type { SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { requireScopes } from '../access/caller.decorator.ts';
import { ChangeOptionsDto } from '../changes/change-options.dto.ts';
import { isBoolean, isInteger } from '../input/checks.ts';
import { Expect, ExpectEach, Optional } from '../input/expect.decorator.ts';
import { foundIn, printable } from '../input/printable.ts';
import { isRecord } from '../input/strict-input.pipe.ts';

const CONFIRM_MINIMUM_SECONDS = 10;
const CONFIRM_MAXIMUM_SECONDS = 86_400;

export class ChangeSettingsDto extends ChangeOptionsDto {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description:
      'New values by settings name, as JSON integers in each setting’s unit. May be left out together with `persist`: then max and buckets as they are live are persisted.',
    example: { max: 131_072, buckets: 32_768 },
  })
  @ExpectEach(settingValueErrors)
  @Optional()
  readonly settings?: SettingValues;

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description: 'Also make the values hold at the next boot. Needs the scope `settings:persist`.',
    example: true,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly persist?: boolean;

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description:
      'With `persist`: write our sysctl.d file under a name that is read after nearly all others. For where a file that sorts after the usual name would win; ' +
      'the risk OVERRIDDEN_AT_BOOT says when this helps. It keeps that name until all is unpersisted.',
    example: false,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly persistLast?: boolean;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: CONFIRM_MINIMUM_SECONDS,
    maximum: CONFIRM_MAXIMUM_SECONDS,
    description:
      'Undo the change unless it is confirmed within so many seconds (POST /api/v1/changes/{id}/confirm), which proves that the host can still be reached. ' +
      'Boot files are written at confirmation. Asking for the same change again meanwhile starts the time anew.',
    example: 120,
  })
  @Expect(
    `an integer from ${CONFIRM_MINIMUM_SECONDS} to ${CONFIRM_MAXIMUM_SECONDS}`,
    isInteger(CONFIRM_MINIMUM_SECONDS, CONFIRM_MAXIMUM_SECONDS),
  )
  @Optional()
  readonly confirmWithinSeconds?: number;

  /** @throws ConntrackError `INVALID_REQUEST` when nothing is asked for; `INSUFFICIENT_SCOPE` */
  static toRequest({ settings = {}, persist = false, persistLast = false, reason }: ChangeSettingsDto, caller: Caller): ChangeRequest {
    if (Object.keys(settings).length === 0 && !persist) {
      throw new ConntrackError('INVALID_REQUEST', 'The request asks for no change.', {
        errors: [{ field: 'settings', expected: 'at least one setting, or "persist": true to persist what is live' }],
      });
    }
    if (persistLast && !persist) {
      throw new ConntrackError('INVALID_REQUEST', '"persistLast" says how to persist, and nothing is to be persisted.', {
        errors: [{ field: 'persistLast', expected: '"persist": true beside it', found: 'true' }],
      });
    }
    if (persist) requireScopes(caller, ['settings:persist'], '"persist": true');
    return { settings, persist, last: persistLast, reason: reason ?? null };
  }
}

function settingValueErrors(field: string, value: unknown): readonly FieldError[] {
  if (!isRecord(value)) return [{ field, expected: 'an object of settings names and integers', ...foundIn(value) }];
  return Object.entries(value)
    .filter(([, requested]) => typeof requested !== 'number')
    .map(([name, requested]) => ({
      field: `${field}.${printable(name)}`,
      expected: 'a JSON integer without fraction, exponent or quotes',
      ...foundIn(requested),
    }));
}
