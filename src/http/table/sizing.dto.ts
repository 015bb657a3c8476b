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
  @ApiProperty({ description: 'The length that a chain may have: drawn anew for each flow between these.', example: '50 to 79' })
  readonly limit!: string;
  @ApiProperty({
    description: 'Kernels with this limit. It cannot be read from a running one.',
    example: '6.3 and later, and stable branches since March 2023',
  })
  readonly kernels!: string;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Chance that a full table refuses a new flow, 0 to 1.',
    example: 0.000024,
  })
  readonly chance!: number;
}

export class SizingDto implements Sizing {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Entries accepted.', example: 750_000 })
  readonly max!: number;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Buckets of the hash table.', example: 750_080 })
  readonly buckets!: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    description: 'max / buckets: entries per bucket of a full table, the length of a list in older advice.',
    example: 1,
  })
  readonly entriesPerBucket!: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    description: '2 x max / buckets: the true average chain of a full table, in entries.',
    example: 2,
  })
  readonly averageChainLength!: number;
  @ApiProperty({
    type: () => ByteRangeDto,
    description: 'Bytes that the entries of a full table take.',
    example: { minimum: 192_000_000, maximum: 384_000_000 },
  })
  readonly entriesBytes!: ByteRangeDto;
  @ApiProperty({ type: 'integer', minimum: 8, description: 'Bytes of the hash table: 8 a bucket.', example: 6_000_640 })
  readonly bucketsBytes!: number;
  @ApiProperty({
    type: () => ByteRangeDto,
    description: 'Bytes that a full table takes: both.',
    example: { minimum: 198_000_640, maximum: 390_000_640 },
  })
  readonly memoryBytes!: ByteRangeDto;
  @ApiProperty({
    type: () => RefusalChanceDto,
    isArray: true,
    description:
      'Chance of a refusal, by the limit that kernels since 5.15 set to chains. Empty on the legacy layout, where a long chain is only slow.',
  })
  readonly refusals!: readonly RefusalChanceDto[];
}

export class SizingStepDto implements SizingStep {
  @ApiProperty({ description: 'What is computed.', example: 'expected entries' })
  readonly step!: string;
  @ApiProperty({ type: 'number', description: 'What comes out, in `unit`.', example: 300_000 })
  readonly value!: number;
  @ApiProperty({ enum: UNITS, description: 'Unit of `value`.', example: 'entries' })
  readonly unit!: SizingStep['unit'];
  @ApiProperty({ description: 'How, and why.', example: 'Little’s law: entries in the table = arrivals per second x lifetime.' })
  readonly why!: string;
}

export class ComparisonDto {
  @ApiProperty({
    enum: [...COMPARISON_NAMES],
    description: '`now`: the live settings; the others: what they would set by default.',
    example: 'kube-proxy',
  })
  readonly name!: ComparisonName;
  @ApiProperty({ description: 'The rule.', example: 'max = 32,768 for each processor, at least 131,072; buckets = max / 4.' })
  readonly rule!: string;
  @ApiProperty({ type: () => SizingDto, required: false, description: 'What it comes to. Absent where `reason` says why.' })
  readonly sizing?: SizingDto;
  @ApiProperty({ required: false, description: 'Why it cannot be told.', example: 'The number of processors cannot be read.' })
  readonly reason?: string;
}

export class SizingSettingsDto {
  @ApiProperty({ type: 'integer', description: 'Entries accepted.', example: 750_000 })
  readonly max!: number;
  @ApiProperty({ type: 'integer', description: 'Buckets of the hash table.', example: 750_080 })
  readonly buckets!: number;
}

export class SizingPatchDto {
  @ApiProperty({ type: () => SizingSettingsDto, description: 'What to set, both together.' })
  readonly settings!: SizingSettingsDto;
}

export class SizingAdviceDto extends ResponseDto {
  @ApiProperty({ enum: LAYOUTS, description: 'Which generation of connection tracking this kernel has.', example: 'nf_conntrack' })
  readonly layout!: Layout;
  @ApiProperty({ type: 'number', required: false, description: 'Max / expected entries. Absent with a memory budget.', example: 1.5 })
  readonly headroom?: number;
  @ApiProperty({ type: () => SizingDto, description: 'What to set, and what it comes to.' })
  readonly recommended!: SizingDto;
  @ApiProperty({ type: () => SizingStepDto, isArray: true, description: 'The reasoning, step by step.' })
  readonly steps!: readonly SizingStepDto[];
  @ApiProperty({
    type: () => SizingPatchDto,
    description: 'Body for `PATCH /settings`, ready to send; add `persist`, `reason` and, for what `risks` names, `acknowledge`.',
  })
  readonly patch!: SizingPatchDto;
  @ApiProperty({ type: () => RiskDto, isArray: true, description: 'What that change would meet on this host now.' })
  readonly risks!: readonly RiskDto[];
  @ApiProperty({ type: () => ComparisonDto, isArray: true, description: 'The live settings and the defaults of others, beside it.' })
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
