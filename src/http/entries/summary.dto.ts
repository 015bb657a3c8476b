import { ApiProperty } from '@nestjs/swagger';
import {
  type KeySummary,
  type Sample,
  SUMMARY_KEYS,
  SUMMARY_MEASURES,
  type SummaryAnswer,
  type SummaryKey,
  type SummaryMeasure,
  type SummarySums,
  type TimeoutBin,
} from '../../domain/entry-summary.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { DumpSummaryDto } from './dump-summary.dto.ts';
import { BYTES, COUNT, ESTIMATE, EstimateDto, PACKETS, SummaryRowDto } from './summary-row.dto.ts';

export class SummarySumsDto implements SummarySums {
  @ApiProperty({ ...COUNT, description: 'Number of entries.', example: 1204 })
  readonly entries!: number;
  @ApiProperty(PACKETS)
  readonly packets?: string;
  @ApiProperty(BYTES)
  readonly bytes?: string;
  @ApiProperty({ ...ESTIMATE, description: `${ESTIMATE.description} Never in \`other\`: which keys belong to it depends on the sample.` })
  readonly estimate?: EstimateDto;
}

export class KeySummaryDto implements KeySummary {
  @ApiProperty({ enum: [...SUMMARY_KEYS], description: 'The key.', example: 'destinationPort' })
  readonly by!: SummaryKey;
  @ApiProperty({
    ...COUNT,
    description: 'Number of distinct keys. A lower bound if `exact` is false. In a sample: a lower bound for the table.',
    example: 812,
  })
  readonly distinct!: number;
  @ApiProperty({
    type: 'boolean',
    description:
      'False if there were more than 65,536 distinct keys, or more than fit into the memory that was free. The rows are then estimates with an `error`.',
    example: true,
  })
  readonly exact!: boolean;
  @ApiProperty({
    ...COUNT,
    required: false,
    description:
      'Present if `exact` is false. In the sum that rows are ordered by, no row is too high by more than this, and a key that was not counted has at most this.',
    example: 15,
  })
  readonly error?: number;
  @ApiProperty({
    ...COUNT,
    required: false,
    description:
      'Present if `exact` is false. Number of keys that were counted at a time: 65,536, or fewer if little memory was free. Every key with more than 1/`counters` of the total is counted.',
    example: 65_536,
  })
  readonly counters?: number;
  @ApiProperty({ type: () => SummaryRowDto, isArray: true, description: 'The largest rows, ordered by `orderBy`.' })
  readonly top!: readonly SummaryRowDto[];
  @ApiProperty({ type: () => SummarySumsDto, description: 'Sums over all other keys.' })
  readonly other!: SummarySumsDto;
  @ApiProperty({
    type: () => SummarySumsDto,
    description:
      'Sums over entries that do not have the key: an ICMP flow has no port, a UDP flow no state, a flow without NAT no translated address.',
  })
  readonly without!: SummarySumsDto;
}

export class TimeoutBinDto implements TimeoutBin {
  @ApiProperty({ ...COUNT, description: 'Lower bound of the remaining timeout in seconds, inclusive.', example: 60 })
  readonly fromSeconds!: number;
  @ApiProperty({
    ...COUNT,
    required: false,
    description: 'Upper bound of the remaining timeout in seconds, exclusive. Absent in the last bin.',
    example: 120,
  })
  readonly belowSeconds?: number;
  @ApiProperty({ ...COUNT, description: 'Number of entries.', example: 4021 })
  readonly entries!: number;
  @ApiProperty(ESTIMATE)
  readonly estimate?: EstimateDto;
}

export class SampleDto implements Sample {
  @ApiProperty({ ...COUNT, description: 'Number of entries that were read, whether they match or not.', example: 50_000 })
  readonly size!: number;
  @ApiProperty({
    ...COUNT,
    description:
      'Number of entries in the table of the network namespace: the count of the kernel when the dump began, which includes entries that have expired and are not listed; at least as many as were seen.',
    example: 1_003_412,
  })
  readonly entries!: number;
  @ApiProperty({
    type: 'boolean',
    description: 'True if the table has no more entries than requested: all were read, and there are no estimates.',
    example: false,
  })
  readonly exact!: boolean;
  @ApiProperty({
    type: 'number',
    description:
      'Confidence of the intervals `low` to `high`. Of the rows of a key: the share of rows whose interval contains the true number, although the sample also decides which rows are returned.',
    example: 0.95,
  })
  readonly confidence!: number;
}

export class EntrySummaryDto extends ResponseDto implements SummaryAnswer {
  @ApiProperty({ ...COUNT, description: 'Number of matching entries.', example: 104_001 })
  readonly entries!: number;
  @ApiProperty({
    ...COUNT,
    description:
      'Number of matching entries with counters (the setting `acct` was on when the flow started). All packets and bytes are from these.',
    example: 104_001,
  })
  readonly withCounters!: number;
  @ApiProperty(PACKETS)
  readonly packets?: string;
  @ApiProperty(BYTES)
  readonly bytes?: string;
  @ApiProperty(ESTIMATE)
  readonly estimate?: EstimateDto;
  @ApiProperty({
    type: () => SampleDto,
    required: false,
    description:
      'What was read, if a sample was requested. Unless it is exact, all numbers outside `estimate` are those of the sample. Packets and bytes are not estimated: few flows can have most of them.',
  })
  readonly sample?: SampleDto;
  @ApiProperty({
    enum: [...SUMMARY_MEASURES],
    description: 'The sum that rows are ordered by and that `error` refers to.',
    example: 'entries',
  })
  readonly orderBy!: SummaryMeasure;
  @ApiProperty({
    type: () => KeySummaryDto,
    isArray: true,
    description:
      'One summary per key, in the requested order. In each, `top`, `other` and `without` together cover all entries. If `exact` is false, the rows can be too high in sum: `other` is then 0.',
  })
  readonly keys!: readonly KeySummaryDto[];
  @ApiProperty({ type: () => TimeoutBinDto, isArray: true, description: 'Number of entries by remaining timeout.' })
  readonly timeouts!: readonly TimeoutBinDto[];
  @ApiProperty({ ...COUNT, description: 'Number of entries without a timeout: offloaded flows.', example: 0 })
  readonly withoutTimeout!: number;
  @ApiProperty({ type: () => DumpSummaryDto, description: 'Summary of the dump: its outcome and counts.' })
  readonly summary!: DumpSummaryDto;
}
