import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import type { KnownStatus } from '../../application/desired/restore-desired.ts';
import type { DesiredRecord } from '../../application/ports/journal.ts';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import {
  NOTHING_DESIRED,
  ON_DRIFT,
  RESTORES_PER_DAY_DEFAULT,
  RESTORES_PER_DAY_MAX,
  type DesiredSetting,
  type DesiredState,
} from '../../domain/desired/desired-state.ts';
import { DESIRED_STATES, type DesiredStatus } from '../../domain/desired/desired-status.ts';
import type { Restore } from '../../domain/desired/desired-history.ts';
import { ActorDto, FailureDto } from '../documents/changed-parts.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { isInteger, isOneOf } from '../input/checks.ts';
import { Expect, ExpectEach, Optional } from '../input/expect.decorator.ts';
import { foundIn, printable } from '../input/printable.ts';
import { ACCEPTED_NAMES, settingNamesIn } from '../input/setting-names.ts';
import { isRecord } from '../input/strict-input.pipe.ts';

type OnDrift = DesiredSetting['onDrift'];

/** A number, or an object. */
type RequestedSetting = number | { readonly equals?: number; readonly atLeast?: number; readonly onDrift?: OnDrift };

const FIELDS = ['equals', 'atLeast', 'onDrift'];
const INTEGER = 'a JSON integer without fraction, exponent or quotes';

const ON_DRIFT_TEXT =
  '`report`: what another program set is recorded as drift, and nothing else. `restore`: the service also sets the value again, as a recorded change by `desired`.';
const PER_DAY = {
  minimum: 1,
  maximum: RESTORES_PER_DAY_MAX,
  description:
    'How often a setting is restored within 24 h after another program changed it. After that it is `CONTESTED`. A value that a reboot reset is restored without being counted.',
  example: 2,
};

class DesiredSettingDto implements DesiredSetting {
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'The value that the setting should have. Absent if `atLeast` is present.',
    example: 86_400,
  })
  readonly equals?: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'The least value that the setting should have. A `max` of 0 (no limit) is enough, too. Absent if `equals` is present.',
    example: 262_144,
  })
  readonly atLeast?: number;
  @ApiProperty({ enum: [...ON_DRIFT], description: ON_DRIFT_TEXT, example: 'restore' })
  readonly onDrift!: OnDrift;
}

const objectWith = (name: 'equals' | 'atLeast', description: string): object => ({
  type: 'object',
  required: [name],
  additionalProperties: false,
  properties: {
    [name]: { type: 'integer', description },
    onDrift: { type: 'string', enum: [...ON_DRIFT], description: 'Absent: as for all settings.' },
  },
});

const SETTING_SCHEMA = {
  oneOf: [{ type: 'integer', description: 'The value.' }, objectWith('equals', 'The value.'), objectWith('atLeast', 'The least value.')],
};

export class ConfigureDesiredDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: SETTING_SCHEMA as never,
    description: `By setting name, the value in the setting’s unit, or \`{"atLeast": N}\`. Settings that are not named may have any value. ${ACCEPTED_NAMES}`,
    example: { max: { atLeast: 262_144 }, tcp_timeout_established: 86_400 },
  })
  @ExpectEach(settingErrors)
  readonly settings!: Readonly<Record<string, RequestedSetting>>;

  @ApiProperty({
    enum: [...ON_DRIFT],
    required: false,
    default: 'report',
    description: `For settings without their own. ${ON_DRIFT_TEXT}`,
    example: 'restore',
  })
  @Expect(`one of ${ON_DRIFT.join(', ')}`, isOneOf(ON_DRIFT))
  @Optional()
  readonly onDrift?: OnDrift;

  @ApiProperty({ type: 'integer', required: false, default: RESTORES_PER_DAY_DEFAULT, ...PER_DAY })
  @Expect(`an integer from 1 to ${RESTORES_PER_DAY_MAX}`, isInteger(1, RESTORES_PER_DAY_MAX))
  @Optional()
  readonly restoresPerDay?: number;

  /** @throws ConntrackError `DUPLICATE_FIELD` for two names of one setting */
  static toState({ settings, onDrift = 'report', restoresPerDay = RESTORES_PER_DAY_DEFAULT }: ConfigureDesiredDto): DesiredState {
    const values = Object.values(settings);
    const names = settingNamesIn('settings', Object.keys(settings));
    return {
      settings: Object.fromEntries(names.map((name, at) => [name, { onDrift, ...desiredIn(values[at]) }])),
      restoresPerDay,
    };
  }
}

function desiredIn(requested: RequestedSetting | undefined): Partial<DesiredSetting> {
  return typeof requested === 'object' ? { ...requested } : { equals: requested ?? NaN };
}

function settingErrors(field: string, value: unknown): readonly FieldError[] {
  if (!isRecord(value)) return [{ field, expected: 'an object of setting names and desired values', ...foundIn(value) }];
  return Object.entries(value).flatMap(([name, requested]) => errorsOf(`${field}.${printable(name)}`, requested));
}

function errorsOf(field: string, requested: unknown): readonly FieldError[] {
  if (typeof requested === 'number') return [];
  if (!isRecord(requested)) return [{ field, expected: `${INTEGER}, or an object with equals or atLeast`, ...foundIn(requested) }];
  const { equals, atLeast, onDrift } = requested;
  const unknown = Object.keys(requested).filter((name) => !FIELDS.includes(name));
  return [
    ...unknown.map((name) => ({
      field: `${field}.${printable(name)}`,
      expected: `one of ${FIELDS.join(', ')}`,
      ...foundIn(requested[name]),
    })),
    ...((equals === undefined) === (atLeast === undefined)
      ? [{ field, expected: 'exactly one of equals and atLeast', ...foundIn(requested) }]
      : []),
    ...(['equals', 'atLeast'] as const)
      .filter((name) => requested[name] !== undefined && typeof requested[name] !== 'number')
      .map((name) => ({ field: `${field}.${name}`, expected: INTEGER, ...foundIn(requested[name]) })),
    ...(onDrift === undefined || isOneOf(ON_DRIFT)(onDrift)
      ? []
      : [{ field: `${field}.onDrift`, expected: `one of ${ON_DRIFT.join(', ')}`, ...foundIn(onDrift) }]),
  ];
}

export class DesiredDto extends ResponseDto implements DesiredState {
  @ApiProperty({
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(DesiredSettingDto) },
    description: 'By short setting name. Empty if nothing is desired.',
    example: { max: { atLeast: 262_144, onDrift: 'restore' } },
  })
  readonly settings!: DesiredState['settings'];
  @ApiProperty({ type: 'integer', ...PER_DAY })
  readonly restoresPerDay!: number;
  @ApiProperty({
    type: () => ActorDto,
    required: false,
    description: 'Who configured it. Absent before the first time, like `configuredAt`.',
  })
  readonly configuredBy?: ActorDto;
  @ApiProperty({ format: 'date-time', required: false, description: 'When. RFC 3339, UTC.', example: '2026-11-27T05:59:12.431Z' })
  readonly configuredAt?: string;

  static of(record: DesiredRecord | undefined): DesiredDto {
    if (!record) return { ...NOTHING_DESIRED };
    const { name, tokenId, peer } = record.by.actor;
    return { ...record.config, configuredBy: { name, tokenId, peer }, configuredAt: record.at.toISOString() };
  }
}

class RestoreDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Id of the change that restored the setting.', example: 13 })
  readonly change!: number;
  @ApiProperty({ format: 'date-time', description: 'When. RFC 3339, UTC.', example: '2026-11-27T06:04:12.431Z' })
  readonly at!: string;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Id of the change of kind `drift` with the other value.', example: 12 })
  readonly drift!: number;
  @ApiProperty({
    description: 'The likely program, or `no evidence of who changed it`.',
    example: 'likely: kube-proxy is running and writes such settings',
  })
  readonly by!: string;

  static of({ change, at, drift, by }: Restore): RestoreDto {
    return { change, at: at.toISOString(), drift, by };
  }
}

class DesiredSettingStatusDto {
  @ApiProperty({ description: 'Short name of the setting.', example: 'max' })
  readonly name!: string;
  @ApiProperty({ type: () => DesiredSettingDto, description: 'What it should be.' })
  readonly desired!: DesiredSetting;
  @ApiProperty({ type: 'integer', required: false, description: 'The live value. Absent if it cannot be read.', example: 131_072 })
  readonly value?: number;
  @ApiProperty({
    enum: [...DESIRED_STATES],
    description:
      '`met`: it is as desired. `differs`: it is not, and `onDrift` is `report`. `restoring`: it is set within 10 s. `overridden`: a later change through this service decided otherwise, and is left alone. ' +
      '`CONTESTED`: another program changed it more often than `restoresPerDay` allows to restore it. `unreadable`: this host does not show it now.',
    example: 'CONTESTED',
  })
  readonly state!: DesiredStatus['state'];
  @ApiProperty({
    description: 'Why.',
    example: 'max is 131072, expected at least 262144, since change 12 (likely: kube-proxy is running and writes such settings).',
  })
  readonly reason!: string;
  @ApiProperty({ type: () => RestoreDto, isArray: true, description: 'Restores within the last 24 h, oldest first.' })
  readonly restores!: readonly RestoreDto[];
  @ApiProperty({
    type: () => FailureDto,
    required: false,
    description: 'Why the last change was refused before anything was recorded. Absent if it was not. It is retried after a minute.',
  })
  readonly refused?: FailureDto;

  static of({ refused, restores, ...status }: KnownStatus): DesiredSettingStatusDto {
    return {
      ...status,
      restores: restores.map((restore) => RestoreDto.of(restore)),
      ...(refused instanceof ConntrackError && { refused: { code: refused.code, message: refused.message } }),
    };
  }
}

export class DesiredStatusDto extends ResponseDto {
  @ApiProperty({ type: 'boolean', description: 'Whether all settings are as desired.', example: false })
  readonly met!: boolean;
  @ApiProperty({ type: () => DesiredSettingStatusDto, isArray: true, description: 'Each setting of the desired state.' })
  readonly settings!: readonly DesiredSettingStatusDto[];

  static of(statuses: readonly KnownStatus[]): DesiredStatusDto {
    return { met: statuses.every(({ state }) => state === 'met'), settings: statuses.map((status) => DesiredSettingStatusDto.of(status)) };
  }
}
