import { ApiProperty } from '@nestjs/swagger';
import type { SizingAdvice } from '../../application/table/advise-sizing.ts';
import type { Layout } from '../../domain/layout.ts';
import { COMPARISON_NAMES, type ComparisonName } from '../../domain/sizing/defaults.ts';
import type { Sizing, SizingStep } from '../../domain/sizing/sizing.ts';
import { LAYOUTS, ResponseDto } from '../documents/response.dto.ts';
import { RiskDto } from '../documents/plan.dto.ts';
import { ByteRangeDto } from './table.dto.ts';

const UNITS: SizingStep['unit'][] = ['entries', 'buckets', 'bytes', 'entries per second', 'seconds', 'factor'];

export class RefusalChanceDto {
  @ApiProperty({
    description: 'Maximum chain length in entries. For each new flow, the kernel picks a random limit in this range.',
    example: '50 to 79',
  })
  readonly limit!: string;
  @ApiProperty({
    description: 'Kernel versions with this limit. It cannot be read from a running kernel.',
    example: '6.3 and later, and stable branches since March 2023',
  })
  readonly kernels!: string;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Probability that a full table refuses a new flow, 0 to 1.',
    example: 0.000024,
  })
  readonly chance!: number;
}

export class SizingDto implements Sizing {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'The setting max in entries.', example: 750_000 })
  readonly max!: number;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Buckets of the hash table.', example: 750_080 })
  readonly buckets!: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    description: 'max / buckets: entries per bucket of a full table.',
    example: 1,
  })
  readonly entriesPerBucket!: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    description: '2 x max / buckets: average chain length of a full table, in entries. Every entry is in the table twice.',
    example: 2,
  })
  readonly averageChainLength!: number;
  @ApiProperty({
    type: () => ByteRangeDto,
    description: 'Memory of the entries of a full table in bytes.',
    example: { minimum: 192_000_000, maximum: 384_000_000 },
  })
  readonly entriesBytes!: ByteRangeDto;
  @ApiProperty({ type: 'integer', minimum: 8, description: 'Memory of the hash table in bytes: 8 per bucket.', example: 6_000_640 })
  readonly bucketsBytes!: number;
  @ApiProperty({
    type: () => ByteRangeDto,
    description: 'Memory of a full table in bytes: entries and hash table.',
    example: { minimum: 198_000_640, maximum: 390_000_640 },
  })
  readonly memoryBytes!: ByteRangeDto;
  @ApiProperty({
    type: () => RefusalChanceDto,
    isArray: true,
    description:
      'Probability of a refused flow, by the chain limit of kernels since 5.15. Empty on earlier kernels and on the `ip_conntrack` layout, which have no chain limit.',
  })
  readonly refusals!: readonly RefusalChanceDto[];
}

export class SizingStepDto implements SizingStep {
  @ApiProperty({ description: 'The computed quantity.', example: 'expected entries' })
  readonly step!: string;
  @ApiProperty({ type: 'number', description: 'The result, in `unit`.', example: 300_000 })
  readonly value!: number;
  @ApiProperty({ enum: UNITS, description: 'Unit of `value`.', example: 'entries' })
  readonly unit!: SizingStep['unit'];
  @ApiProperty({
    description: 'How and why it is computed.',
    example: 'Little’s law: entries in the table = new flows per second × lifetime.',
  })
  readonly why!: string;
}

export class ComparisonDto {
  @ApiProperty({
    enum: [...COMPARISON_NAMES],
    description: '`now`: the live settings. Others: the defaults of that program.',
    example: 'kube-proxy',
  })
  readonly name!: ComparisonName;
  @ApiProperty({
    description: 'The rule for the values.',
    example: 'max = 32,768 for each processor, at least 131,072; buckets = max / 4.',
  })
  readonly rule!: string;
  @ApiProperty({ type: () => SizingDto, required: false, description: 'The resulting sizing. Absent if `reason` is present.' })
  readonly sizing?: SizingDto;
  @ApiProperty({
    required: false,
    description: 'Why the sizing cannot be determined.',
    example: 'The number of processors cannot be read.',
  })
  readonly reason?: string;
}

export class SizingSettingsDto {
  @ApiProperty({ type: 'integer', description: 'The setting max in entries.', example: 750_000 })
  readonly max!: number;
  @ApiProperty({ type: 'integer', description: 'Buckets of the hash table.', example: 750_080 })
  readonly buckets!: number;
}

export class SizingPatchDto {
  @ApiProperty({ type: () => SizingSettingsDto, description: 'The values to set together.' })
  readonly settings!: SizingSettingsDto;
}

export class SizingAdviceDto extends ResponseDto {
  @ApiProperty({
    enum: LAYOUTS,
    description: 'Conntrack implementation of this kernel: `nf_conntrack`, or `ip_conntrack` on old kernels.',
    example: 'nf_conntrack',
  })
  readonly layout!: Layout;
  @ApiProperty({ type: 'number', required: false, description: 'max / expected entries. Absent with a memory budget.', example: 1.5 })
  readonly headroom?: number;
  @ApiProperty({ type: () => SizingDto, description: 'The recommended sizing.' })
  readonly recommended!: SizingDto;
  @ApiProperty({ type: () => SizingStepDto, isArray: true, description: 'The steps of the calculation.' })
  readonly steps!: readonly SizingStepDto[];
  @ApiProperty({
    type: () => SizingPatchDto,
    description: 'Body for `PATCH /api/v1/settings`. You can add `persist` and `reason`, and `acknowledge` with the codes in `risks`.',
  })
  readonly patch!: SizingPatchDto;
  @ApiProperty({ type: () => RiskDto, isArray: true, description: 'Risks of that change in the current state of this host.' })
  readonly risks!: readonly RiskDto[];
  @ApiProperty({
    type: () => ComparisonDto,
    isArray: true,
    description: 'The live settings and the defaults of other programs, for comparison.',
  })
  readonly comparisons!: readonly ComparisonDto[];

  static of({ layout, headroom, recommendation, risks, comparisons }: SizingAdvice): SizingAdviceDto {
    const { steps, ...recommended } = recommendation;
    const { max, buckets } = recommended;
    return {
      layout,
      ...(headroom !== undefined && { headroom }),
      recommended,
      steps,
      patch: { settings: { max, buckets } },
      risks,
      comparisons,
    };
  }
}
