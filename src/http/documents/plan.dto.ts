import { ApiProperty } from '@nestjs/swagger';
import type { ChangePlan, PlannedStep } from '../../domain/change-plan.ts';
import type { EntryRollback } from '../../domain/entry-rollback.ts';
import { SKIP_REASONS, UPDATED_ENTRIES_MAX, type SkipReason } from '../../domain/entry-update.ts';
import type { FileChange, FileContent } from '../../domain/change.ts';
import { RISK_CODES, RISK_LEVELS, type Risk, type RiskCode, type RiskLevel } from '../../domain/risks/risk.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { EntryDto } from './entry.dto.ts';
import { EntryValuesDto, SKIPPED } from './entry-update.dto.ts';
import { ResponseDto } from './response.dto.ts';
import { TEXT, toText } from './file-text.ts';
import { entriesWithheldField, whyEntriesWithheld, type Reader } from './withheld-entries.ts';

export class PlannedStepDto implements PlannedStep {
  @ApiProperty({ description: 'Setting name: the sysctl key without its `nf_conntrack_` or `ip_conntrack_` prefix.', example: 'buckets' })
  readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'Current live value, in the setting’s unit.', example: 16_384 })
  readonly before!: number;
  @ApiProperty({ type: 'integer', description: 'Value that would be written, in the setting’s unit.', example: 32_700 })
  readonly requested!: number;
  @ApiProperty({
    type: 'integer',
    description: 'Value that the kernel would then report, in the setting’s unit: `buckets` is rounded up.',
    example: 32_768,
  })
  readonly expected!: number;
}

export class PlannedFileDto implements FileChange {
  @ApiProperty({ description: 'Absolute path of the boot file.', example: '/etc/sysctl.d/99-zz-conntrack-api.conf' })
  readonly path!: string;
  @ApiProperty({ type: 'string', nullable: true, description: `Current text. \`null\`: the file does not exist. ${TEXT}`, example: null })
  readonly before!: FileContent;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: `Text that would be written. \`null\`: the file would be removed. ${TEXT}`,
    example: 'net.netfilter.nf_conntrack_buckets = 32768\nnet.netfilter.nf_conntrack_max = 131072\n',
  })
  readonly after!: FileContent;
}

export class RiskDto implements Risk {
  @ApiProperty({ enum: [...RISK_CODES], description: 'Stable code, for programs and for `acknowledge`.', example: 'CHAIN_LENGTH' })
  readonly code!: RiskCode;
  @ApiProperty({
    enum: [...RISK_LEVELS],
    description:
      '`warning`: informational. `acknowledge`: the change is refused unless `acknowledge` lists the code. `refused`: the change is always refused.',
    example: 'warning',
  })
  readonly level!: RiskLevel;
  @ApiProperty({ description: 'The setting that causes the risk. Empty if a file causes it.', example: 'max' })
  readonly setting!: string;
  @ApiProperty({
    description: 'What may happen, with the values of this host.',
    example:
      '131072 entries in 32768 buckets are 4.0 per bucket, an average chain of 8.0: kernels since 5.15 refuse new flows whose chain is too long. Raise buckets to 131072.',
  })
  readonly message!: string;
}

/** What a change would do, or what a refused change would have done. */
export class PlanDto extends ResponseDto implements ChangePlan {
  @ApiProperty({ type: () => PlannedStepDto, isArray: true, description: 'Settings that would be written, in this order.' })
  readonly steps!: readonly PlannedStepDto[];
  @ApiProperty({
    type: () => PlannedFileDto,
    isArray: true,
    description: 'Boot files that would be written: at once, or at confirmation if the change has a confirmation window.',
  })
  readonly files!: readonly PlannedFileDto[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description:
      'Values after the next boot, by setting name, for each setting that a boot file or the kernel command line sets (see `GET /api/v1/boot`). Settings left at the kernel default are absent.',
    example: { buckets: 32_768, max: 131_072 },
  })
  readonly atNextBoot!: SettingValues;
  @ApiProperty({ type: () => RiskDto, isArray: true, description: 'Risks of the change in the current state of this host.' })
  readonly risks!: readonly RiskDto[];

  static of(plan: ChangePlan): PlanDto {
    return toFields(plan);
  }
}

export class PlannedRollbackDto {
  @ApiProperty({ type: () => EntryDto, description: 'The entry as it is now; as it was before the update if it is gone.' })
  readonly entry!: EntryDto;
  @ApiProperty({
    type: () => EntryValuesDto,
    required: false,
    description:
      'What the rollback would set: only the bits of the mark and the labels that the update altered. Absent if it leaves the entry alone.',
  })
  readonly requested?: EntryValuesDto;
  @ApiProperty({
    enum: [...SKIP_REASONS],
    required: false,
    description: `Why the rollback would leave the entry alone. ${SKIPPED} Absent if it would not.`,
    example: 'gone',
  })
  readonly skipped?: SkipReason;
}

export class DryRunDto extends PlanDto {
  @ApiProperty({ type: 'boolean', enum: [true], description: 'Nothing was written or recorded.', example: true })
  readonly dryRun!: true;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: UPDATED_ENTRIES_MAX,
    required: false,
    description: 'Of the rollback of an update of entries: the number of entries that it would restore. Absent for other changes.',
    example: 185,
  })
  readonly restorableCount?: number;
  @ApiProperty({
    type: () => PlannedRollbackDto,
    isArray: true,
    required: false,
    maxItems: UPDATED_ENTRIES_MAX,
    description:
      'Of the rollback of an update of entries: each entry of that change. Absent for other changes, and if they are withheld (`entriesWithheld`).',
  })
  readonly entries?: readonly PlannedRollbackDto[];
  @ApiProperty(entriesWithheldField('`entries`'))
  readonly entriesWithheld?: string;

  static ofPlan(plan: ChangePlan, reader: Reader): DryRunDto {
    return { dryRun: true, ...toFields(plan), ...(plan.entries && rollbacksFor(reader, plan.entries)) };
  }
}

function rollbacksFor(reader: Reader, entries: readonly EntryRollback[]): Partial<DryRunDto> {
  const restorableCount = entries.filter(({ update }) => update).length;
  const entriesWithheld = whyEntriesWithheld(reader);
  if (entriesWithheld !== undefined) return { restorableCount, entriesWithheld };
  const shown = entries.map(({ entry, update, skipped }) => ({ entry, ...(update && { requested: update }), ...(skipped && { skipped }) }));
  return { restorableCount, entries: shown };
}

function toFields({ steps, files, atNextBoot, risks }: ChangePlan) {
  return {
    steps,
    files: files.map(({ path, before, after }) => ({ path, before: toText(before), after: toText(after) })),
    atNextBoot,
    risks,
  };
}
