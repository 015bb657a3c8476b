import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { CountersNow } from '../../application/table/read-counters.ts';
import { FINDING_LEVELS, type FindingLevel } from '../../domain/finding-definition.ts';
import { sumCounters, type Counters } from '../../domain/counters/increments.ts';
import type { CounterMeaning } from '../../domain/counters/meanings.ts';
import { RATE_WINDOWS_SECONDS } from '../../domain/counters/rates.ts';
import { ResponseDto } from '../documents/response.dto.ts';

const COUNTERS = { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } } as const;
const RATES = { type: 'object', additionalProperties: { type: 'number', minimum: 0 } } as const;

export class CounterRatesDto {
  @ApiProperty({
    type: 'integer',
    enum: [...RATE_WINDOWS_SECONDS],
    description: 'Length of the window in seconds.',
    example: 60,
  })
  readonly windowSeconds!: number;
  @ApiProperty({
    type: 'number',
    required: false,
    description: 'Actual length of the measurement in seconds: from the sample nearest to the start of the window until now.',
    example: 61.2,
  })
  readonly seconds?: number;
  @ApiPropertyOptional({
    ...RATES,
    description: 'Events per second over all CPUs, by the kernel’s column names. Corrected for counter wraps.',
    example: { found: 0.2, invalid: 13.7, insert_failed: 0, drop: 0, early_drop: 0, search_restart: 0 },
  })
  readonly totals?: Counters;
  @ApiPropertyOptional({
    type: 'array',
    items: RATES,
    description: 'Events per second for each CPU, by the kernel’s column names.',
    example: [{ found: 0.2, invalid: 13.7, insert_failed: 0, drop: 0, early_drop: 0, search_restart: 0 }],
  })
  readonly perCpu?: readonly Counters[];
  @ApiProperty({
    required: false,
    description: 'Why there are no rates. Absent if there are.',
    example: 'The oldest reading is only 20 s old.',
  })
  readonly reason?: string;
}

export class CounterMeaningDto implements CounterMeaning {
  @ApiProperty({ description: 'The kernel’s column name of the counter.', example: 'chainlength' })
  readonly name!: string;
  @ApiProperty({ required: false, description: 'Name in `conntrack -S`. Present only if it differs.', example: 'chaintoolong' })
  readonly conntrackName?: string;
  @ApiProperty({ description: 'What it counts.', example: 'A new flow was refused because its hash chain was too long.' })
  readonly meaning!: string;
  @ApiProperty({
    enum: [...FINDING_LEVELS],
    description: 'Severity if the counter rises. `error`: flows are dropped or evicted. `warning`: a possible problem, see `meaning`.',
    example: 'error',
  })
  readonly level!: FindingLevel;
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'Present and true if this kernel has the column but no longer counts in it.',
  })
  readonly alwaysZero?: true;
}

export class CountersDto extends ResponseDto {
  @ApiProperty({ description: 'Source of the counters: a file, or `ctnetlink`.', example: '/proc/net/stat/nf_conntrack' })
  readonly source!: string;
  @ApiProperty({
    ...COUNTERS,
    description: 'Sums over all CPUs since boot, by the kernel’s column names.',
    example: { found: 12, invalid: 840, insert_failed: 3, drop: 0, early_drop: 0, search_restart: 5 },
  })
  readonly totals!: Counters;
  @ApiProperty({
    type: 'array',
    items: COUNTERS,
    description: 'Counters of each CPU since boot, by the kernel’s column names. They are 32 bits wide and wrap.',
    example: [{ found: 12, invalid: 840, insert_failed: 3, drop: 0, early_drop: 0, search_restart: 5 }],
  })
  readonly perCpu!: readonly Counters[];
  @ApiProperty({ type: () => CounterRatesDto, isArray: true, description: 'Rates over the last minute and the last five minutes.' })
  readonly rates!: readonly CounterRatesDto[];
  @ApiProperty({ type: () => CounterMeaningDto, isArray: true, description: 'Meaning of each counter, and its severity if it rises.' })
  readonly meanings!: readonly CounterMeaningDto[];

  static of({ source, perCpu, rates, meanings }: CountersNow): CountersDto {
    return { source, totals: sumCounters(perCpu), perCpu, rates, meanings };
  }
}
