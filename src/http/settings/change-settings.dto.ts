import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ChangeRequest } from '../../application/change/change-settings.ts';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import type { SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { requireScopes } from '../access/caller.decorator.ts';
import { ChangeOptionsDto } from '../changes/change-options.dto.ts';
import type { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { isBoolean, isInteger } from '../input/checks.ts';
import { Expect, ExpectEach, Optional } from '../input/expect.decorator.ts';
import { foundIn, printable } from '../input/printable.ts';
import { ACCEPTED_NAMES, settingNamesIn } from '../input/setting-names.ts';
import { isRecord } from '../input/strict-input.pipe.ts';

const CONFIRM_MINIMUM_SECONDS = 10;
const CONFIRM_MAXIMUM_SECONDS = 86_400;

export class ChangeSettingsDto extends ChangeOptionsDto {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: `New values by setting name, as JSON integers in the setting’s unit. Optional with \`persist\`: without it, the live values of max and buckets are persisted. ${ACCEPTED_NAMES}`,
    example: { max: 131_072, buckets: 32_768 },
  })
  @ExpectEach(settingValueErrors)
  @Optional()
  readonly settings?: SettingValues;

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description: 'Also write the values to the boot files, so that they apply after a reboot. Needs the scope `settings:persist`.',
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
      'With `persist`: write the sysctl.d file of this service under a name that sorts after almost all others. Use it if a file that sorts after the default name overrides the values; ' +
      'the risk OVERRIDDEN_AT_BOOT reports when this helps. The file keeps that name until everything is unpersisted.',
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
      'Confirmation window in seconds. The change is rolled back automatically unless it is confirmed in time (`POST /api/v1/changes/{id}/confirm`), which proves that the host is still reachable. ' +
      'Boot files are written at confirmation. Repeating the same change during the window restarts it, if the values are still live; otherwise they are written again. ' +
      'A setting that is awaiting the confirmation of another change is taken over; a revert still restores its last confirmed value.',
    example: 120,
  })
  @Expect(
    `an integer from ${CONFIRM_MINIMUM_SECONDS} to ${CONFIRM_MAXIMUM_SECONDS}`,
    isInteger(CONFIRM_MINIMUM_SECONDS, CONFIRM_MAXIMUM_SECONDS),
  )
  @Optional()
  readonly confirmWithinSeconds?: number;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1,
    description:
      'Id of a change awaiting confirmation whose settings this change may take over. Without it, a change without a confirmation window is refused if a setting is awaiting a confirmation ' +
      '(`AWAITING_CONFIRMATION`). The new values are confirmed at once; the named change then reports these settings as superseded.',
    example: 7,
  })
  @Expect('the id of a change: an integer from 1', isInteger(1, Number.MAX_SAFE_INTEGER))
  @Optional()
  readonly supersedes?: number;

  /** @throws ConntrackError `INVALID_REQUEST` if the request contains no change; `DUPLICATE_FIELD`; `INSUFFICIENT_SCOPE` */
  static toRequest(
    { settings = {}, persist = false, persistLast = false, reason }: ChangeSettingsDto,
    { namespace }: EntryScopeDto,
    caller: Caller,
  ): ChangeRequest {
    if (Object.keys(settings).length === 0 && !persist) {
      throw new ConntrackError('INVALID_REQUEST', 'The request contains no change.', {
        errors: [{ field: 'settings', expected: 'at least one setting, or "persist": true to persist the live values' }],
      });
    }
    if (persistLast && !persist) {
      throw new ConntrackError('INVALID_REQUEST', '"persistLast" requires "persist": true.', {
        errors: [{ field: 'persistLast', expected: '"persist": true as well', found: 'true' }],
      });
    }
    if (persist) requireScopes(caller, ['settings:persist'], '"persist": true');
    return {
      settings: byShortName(settings),
      persist,
      last: persistLast,
      reason: reason ?? null,
      ...(namespace !== undefined && { namespace }),
    };
  }
}

function byShortName(settings: SettingValues): SettingValues {
  const values = Object.values(settings);
  const names = settingNamesIn('settings', Object.keys(settings));
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? NaN]));
}

function settingValueErrors(field: string, value: unknown): readonly FieldError[] {
  if (!isRecord(value)) return [{ field, expected: 'an object of setting names and integers', ...foundIn(value) }];
  return Object.entries(value)
    .filter(([, requested]) => typeof requested !== 'number')
    .map(([name, requested]) => ({
      field: `${field}.${printable(name)}`,
      expected: 'a JSON integer without fraction, exponent or quotes',
      ...foundIn(requested),
    }));
}
