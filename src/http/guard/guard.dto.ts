import { ApiProperty } from '@nestjs/swagger';
import type { GuardStatus } from '../../application/guard/guard-capacity.ts';
import type { GuardRecord } from '../../application/ports/journal.ts';
import { GUARD_ACTIONS, type GuardDecision } from '../../domain/guard/decide-raise.ts';
import { GUARD_BUCKETS, GUARD_DEFAULTS, GUARD_PERSIST, GUARD_RANGES, type GuardConfig } from '../../domain/guard/guard-config.ts';
import type { Lowering } from '../../domain/guard/guard-history.ts';
import type { Caller } from '../../domain/token.ts';
import { requireScopes } from '../access/caller.decorator.ts';
import { ActorDto, FailureDto } from '../documents/changed-parts.dto.ts';
import { GuardEvidenceDto } from '../documents/guard-evidence.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { isBoolean, isInteger, isOneOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { NumberLiteral } from '../input/strict-json.ts';

const range = ([minimum, maximum]: readonly [number, number]): { readonly minimum: number; readonly maximum: number } => ({
  minimum,
  maximum,
});
const between = ([minimum, maximum]: readonly [number, number]): string => `from ${minimum} to ${maximum}`;
const DECIMAL = /^\d+\.\d{1,3}$/;

/** A number with at most three decimals within a range. */
function isDecimalNumber([minimum, maximum]: readonly [number, number]): (value: unknown) => boolean {
  return (value) => {
    if (value instanceof NumberLiteral && !DECIMAL.test(value.text)) return false;
    const number = numberOf(value);
    return number !== undefined && number >= minimum && number <= maximum;
  };
}

function numberOf(value: unknown): number | undefined {
  if (value instanceof NumberLiteral) return Number(value.text);
  return typeof value === 'number' ? value : undefined;
}

const FIELDS = {
  enabled: { description: 'Whether the guard may raise `max`.', example: true },
  raiseAt: {
    description: 'Utilisation (count / max) from which `max` is raised. At most three decimals.',
    example: 0.8,
    ...range(GUARD_RANGES.raiseAt),
  },
  predictSeconds: {
    description:
      'Seconds: `max` is also raised if the forecast (`GET /api/v1/table/history`) fills the table within this time. 0: the forecast is not used.',
    example: 600,
    ...range(GUARD_RANGES.predictSeconds),
  },
  factor: {
    description: 'The new `max` is the old one times this. At most three decimals.',
    example: 1.5,
    ...range(GUARD_RANGES.factor),
  },
  ceiling: {
    description: 'Entries: `max` is never raised above this. `null`: only `memoryShare` limits it.',
    example: 1_048_576,
    nullable: true,
    ...range(GUARD_RANGES.ceiling),
  },
  memoryShare: {
    description: 'Share of the memory of the host that a full table, with its buckets, may take. At most three decimals.',
    example: 0.25,
    ...range(GUARD_RANGES.memoryShare),
  },
  cooldownSeconds: { description: 'Least time between two raises, in seconds.', example: 60, ...range(GUARD_RANGES.cooldownSeconds) },
  buckets: {
    enum: [...GUARD_BUCKETS],
    description:
      '`keep`: the buckets stay. `follow`: `buckets` are raised too where chains would become long enough for the kernel to refuse flows, if the table has at most 100,000 entries, so that the resize does not stop traffic noticeably.',
    example: 'follow',
  },
  persist: {
    enum: [...GUARD_PERSIST],
    description:
      '`never`: a reboot resets what the guard raised. `afterConfirm`: `POST /api/v1/changes/{id}/confirm` on a change of the guard writes it to the boot files. Needs the scope `settings:persist`.',
    example: 'never',
  },
};

export class ConfigureGuardDto {
  @ApiProperty({ type: 'boolean', ...FIELDS.enabled })
  @Expect('true or false', isBoolean)
  readonly enabled!: boolean;

  @ApiProperty({ type: 'number', required: false, default: GUARD_DEFAULTS.raiseAt, ...FIELDS.raiseAt })
  @Expect(`a number ${between(GUARD_RANGES.raiseAt)} with at most three decimals`, isDecimalNumber(GUARD_RANGES.raiseAt))
  @Optional()
  readonly raiseAt?: unknown;

  @ApiProperty({ type: 'integer', required: false, default: GUARD_DEFAULTS.predictSeconds, ...FIELDS.predictSeconds })
  @Expect(`an integer ${between(GUARD_RANGES.predictSeconds)}`, isInteger(...GUARD_RANGES.predictSeconds))
  @Optional()
  readonly predictSeconds?: number;

  @ApiProperty({ type: 'number', required: false, default: GUARD_DEFAULTS.factor, ...FIELDS.factor })
  @Expect(`a number ${between(GUARD_RANGES.factor)} with at most three decimals`, isDecimalNumber(GUARD_RANGES.factor))
  @Optional()
  readonly factor?: unknown;

  @ApiProperty({ type: 'integer', required: false, default: GUARD_DEFAULTS.ceiling, ...FIELDS.ceiling })
  @Expect(`an integer ${between(GUARD_RANGES.ceiling)}, or null`, (value) => value === null || isInteger(...GUARD_RANGES.ceiling)(value))
  @Optional()
  readonly ceiling?: number | null;

  @ApiProperty({ type: 'number', required: false, default: GUARD_DEFAULTS.memoryShare, ...FIELDS.memoryShare })
  @Expect(`a number ${between(GUARD_RANGES.memoryShare)} with at most three decimals`, isDecimalNumber(GUARD_RANGES.memoryShare))
  @Optional()
  readonly memoryShare?: unknown;

  @ApiProperty({ type: 'integer', required: false, default: GUARD_DEFAULTS.cooldownSeconds, ...FIELDS.cooldownSeconds })
  @Expect(`an integer ${between(GUARD_RANGES.cooldownSeconds)}`, isInteger(...GUARD_RANGES.cooldownSeconds))
  @Optional()
  readonly cooldownSeconds?: number;

  @ApiProperty({ required: false, default: GUARD_DEFAULTS.buckets, ...FIELDS.buckets })
  @Expect(`one of ${GUARD_BUCKETS.join(', ')}`, isOneOf(GUARD_BUCKETS))
  @Optional()
  readonly buckets?: GuardConfig['buckets'];

  @ApiProperty({ required: false, default: GUARD_DEFAULTS.persist, ...FIELDS.persist })
  @Expect(`one of ${GUARD_PERSIST.join(', ')}`, isOneOf(GUARD_PERSIST))
  @Optional()
  readonly persist?: GuardConfig['persist'];

  /** Fields that are absent have their defaults. @throws ConntrackError `INSUFFICIENT_SCOPE` */
  static toConfig(body: ConfigureGuardDto, caller: Caller): GuardConfig {
    const { persist = GUARD_DEFAULTS.persist } = body;
    if (persist !== 'never') requireScopes(caller, ['settings:persist'], `"persist": "${persist}"`);
    return {
      enabled: body.enabled,
      raiseAt: numberOf(body.raiseAt) ?? GUARD_DEFAULTS.raiseAt,
      predictSeconds: body.predictSeconds ?? GUARD_DEFAULTS.predictSeconds,
      factor: numberOf(body.factor) ?? GUARD_DEFAULTS.factor,
      ceiling: body.ceiling ?? GUARD_DEFAULTS.ceiling,
      memoryShare: numberOf(body.memoryShare) ?? GUARD_DEFAULTS.memoryShare,
      cooldownSeconds: body.cooldownSeconds ?? GUARD_DEFAULTS.cooldownSeconds,
      buckets: body.buckets ?? GUARD_DEFAULTS.buckets,
      persist,
    };
  }
}

export class GuardDto extends ResponseDto implements GuardConfig {
  @ApiProperty({ type: 'boolean', ...FIELDS.enabled })
  readonly enabled!: boolean;
  @ApiProperty({ type: 'number', ...FIELDS.raiseAt })
  readonly raiseAt!: number;
  @ApiProperty({ type: 'integer', ...FIELDS.predictSeconds })
  readonly predictSeconds!: number;
  @ApiProperty({ type: 'number', ...FIELDS.factor })
  readonly factor!: number;
  @ApiProperty({ type: 'integer', ...FIELDS.ceiling })
  readonly ceiling!: number | null;
  @ApiProperty({ type: 'number', ...FIELDS.memoryShare })
  readonly memoryShare!: number;
  @ApiProperty({ type: 'integer', ...FIELDS.cooldownSeconds })
  readonly cooldownSeconds!: number;
  @ApiProperty(FIELDS.buckets)
  readonly buckets!: GuardConfig['buckets'];
  @ApiProperty(FIELDS.persist)
  readonly persist!: GuardConfig['persist'];
  @ApiProperty({
    type: () => ActorDto,
    required: false,
    description: 'Who configured the guard. Absent before the first configuration, like `configuredAt`.',
  })
  readonly configuredBy?: ActorDto;
  @ApiProperty({ format: 'date-time', required: false, description: 'When. RFC 3339, UTC.', example: '2026-11-27T05:59:12.431Z' })
  readonly configuredAt?: string;

  static of(record: GuardRecord | undefined): GuardDto {
    if (!record) return { ...GUARD_DEFAULTS };
    const { name, tokenId, peer } = record.by.actor;
    return { ...record.config, configuredBy: { name, tokenId, peer }, configuredAt: record.at.toISOString() };
  }
}

class LoweringDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Id of the change that lowered `max`.', example: 12 })
  readonly change!: number;
  @ApiProperty({ format: 'date-time', description: 'When it was recorded. RFC 3339, UTC.', example: '2026-11-27T06:04:12.431Z' })
  readonly at!: string;
  @ApiProperty({
    description: 'Name of the token that lowered it. For another program: the likely program, or `no evidence of who changed it`.',
    example: 'likely: kube-proxy is running and writes such settings',
  })
  readonly by!: string;

  static of({ change, at, by }: Lowering): LoweringDto {
    return { change, at: at.toISOString(), by };
  }
}

class GuardRaiseDto {
  @ApiProperty({ type: 'integer', description: 'The new `max`.', example: 98_304 })
  readonly max!: number;
  @ApiProperty({ type: 'integer', required: false, description: 'The new `buckets`. Absent: they stay.', example: 98_304 })
  readonly buckets?: number;
  @ApiProperty({ type: () => GuardEvidenceDto, description: 'What would be recorded with the change.' })
  readonly evidence!: GuardEvidenceDto;
}

export class GuardPreviewDto extends ResponseDto {
  @ApiProperty({
    enum: [...GUARD_ACTIONS],
    description:
      'What the guard does now. `off`: it is not enabled. `none`: nothing to do. `raise`: it raises `max`. `cooldown`: it would, after `cooldownSeconds`. `at-limit`: it would, and a limit does not allow it. ' +
      '`suspended`: a person lowered `max` after a raise. `CONTESTED`: another program did so twice. The last two end with the next `PUT /api/v1/guard`.',
    example: 'raise',
  })
  readonly action!: GuardDecision['action'];
  @ApiProperty({ description: 'Why.', example: 'guard: 54120 of 65536 entries in use (82.6 %), at or above 80 %; limit 262144 (ceiling)' })
  readonly reason!: string;
  @ApiProperty({ type: 'integer', required: false, description: 'Entries in use. Absent if it cannot be read.', example: 54_120 })
  readonly count?: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'The live `max`; 0: no limit. Absent if it cannot be read.',
    example: 65_536,
  })
  readonly max?: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Seconds until the table is full. Absent without a forecast.',
    example: 240,
  })
  readonly secondsToFull?: number;
  @ApiProperty({ type: () => GuardRaiseDto, required: false, description: 'Present only if `action` is `raise`.' })
  readonly raise?: GuardRaiseDto;
  @ApiProperty({ type: 'integer', required: false, description: 'Present only if `action` is `cooldown`.', example: 41 })
  readonly waitSeconds?: number;
  @ApiProperty({
    type: () => LoweringDto,
    isArray: true,
    description: 'Changes that lowered `max` after a raise. Empty if there are none.',
  })
  readonly loweredBy!: readonly LoweringDto[];
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Raises that took effect since the guard was configured.', example: 2 })
  readonly raises!: number;
  @ApiProperty({
    type: () => FailureDto,
    required: false,
    description: 'Why the last raise was refused before anything was recorded. Absent if it was not. It is retried.',
  })
  readonly refused?: FailureDto;

  static of({ decision, reading, history, refused }: GuardStatus): GuardPreviewDto {
    const loweredBy = [...(history.suspendedBy ? [history.suspendedBy] : []), ...history.lowered];
    return {
      action: decision.action,
      reason: decision.reason,
      ...reading,
      ...('raise' in decision && { raise: decision.raise }),
      ...('waitSeconds' in decision && { waitSeconds: decision.waitSeconds }),
      loweredBy: loweredBy.map((lowering) => LoweringDto.of(lowering)),
      raises: history.raises,
      ...(refused && { refused: { code: refused.code, message: refused.message } }),
    };
  }
}
