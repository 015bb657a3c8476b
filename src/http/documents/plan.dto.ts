import { ApiProperty } from '@nestjs/swagger';
import type { ChangePlan, PlannedStep } from '../../domain/change-plan.ts';
import type { FileChange, FileContent } from '../../domain/change.ts';
import { RISK_CODES, RISK_LEVELS, type Risk, type RiskCode, type RiskLevel } from '../../domain/risks/risk.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { ResponseDto } from './response.dto.ts';
import { TEXT, toText } from './file-text.ts';

export class PlannedStepDto implements PlannedStep {
  @ApiProperty({ description: 'The kernel’s name without its prefix.', example: 'buckets' })
  readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'Live value now, in the setting’s unit.', example: 16_384 })
  readonly before!: number;
  @ApiProperty({ type: 'integer', description: 'Value that would be written, in the setting’s unit.', example: 32_700 })
  readonly requested!: number;
  @ApiProperty({ type: 'integer', description: 'Value the kernel would make of it: buckets are rounded up.', example: 32_768 })
  readonly expected!: number;
}

export class PlannedFileDto implements FileChange {
  @ApiProperty({ description: 'Absolute path of the boot file.', example: '/etc/sysctl.d/99-zz-conntrack-api.conf' })
  readonly path!: string;
  @ApiProperty({ type: 'string', nullable: true, description: `Text now; null: there is no such file. ${TEXT}`, example: null })
  readonly before!: FileContent;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: `Text that would be written; null: the file would be removed. ${TEXT}`,
    example: 'net.netfilter.nf_conntrack_buckets = 32768\nnet.netfilter.nf_conntrack_max = 131072\n',
  })
  readonly after!: FileContent;
}

export class RiskDto implements Risk {
  @ApiProperty({ enum: [...RISK_CODES], description: 'Stable, for programs and for `acknowledge`.', example: 'CHAIN_LENGTH' })
  readonly code!: RiskCode;
  @ApiProperty({
    enum: [...RISK_LEVELS],
    description: '`acknowledge`: done only when `acknowledge` lists the code; `refused`: not done in any case.',
    example: 'warning',
  })
  readonly level!: RiskLevel;
  @ApiProperty({ description: 'The setting it comes from; empty where it is about a file.', example: 'max' })
  readonly setting!: string;
  @ApiProperty({
    description: 'What may happen, with the figures of this host.',
    example:
      '131072 entries in 32768 buckets are 4.0 per bucket, an average chain of 8.0: kernels since 5.15 refuse new flows whose chain is too long. Raise buckets to 131072.',
  })
  readonly message!: string;
}

/** What a change would do, or would have done had it not been refused. */
export class PlanDto extends ResponseDto implements ChangePlan {
  @ApiProperty({ type: () => PlannedStepDto, isArray: true, description: 'In the order in which they would be written.' })
  readonly steps!: readonly PlannedStepDto[];
  @ApiProperty({
    type: () => PlannedFileDto,
    isArray: true,
    description: 'Boot files that would be written, with a confirmation window at confirmation.',
  })
  readonly files!: readonly PlannedFileDto[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description:
      'What the next boot would then make of each setting that a file or the kernel command line decides, by settings name, from all that a boot reads (GET /api/v1/boot). What is left to the kernel is absent.',
    example: { buckets: 32_768, max: 131_072 },
  })
  readonly atNextBoot!: SettingValues;
  @ApiProperty({ type: () => RiskDto, isArray: true, description: 'What it would risk on this host as it is now.' })
  readonly risks!: readonly RiskDto[];

  static of(plan: ChangePlan): PlanDto {
    return toFields(plan);
  }
}

export class DryRunDto extends PlanDto {
  @ApiProperty({ type: 'boolean', enum: [true], description: 'Nothing was written and nothing was recorded.', example: true })
  readonly dryRun!: true;

  static ofPlan(plan: ChangePlan): DryRunDto {
    return { dryRun: true, ...toFields(plan) };
  }
}

function toFields({ steps, files, atNextBoot, risks }: ChangePlan) {
  return {
    steps,
    files: files.map(({ path, before, after }) => ({ path, before: toText(before), after: toText(after) })),
    atNextBoot,
    risks,
  };
}
