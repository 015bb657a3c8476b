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
    description: 'The window, in seconds: one and five minutes.',
    example: 60,
  })
  readonly windowSeconds!: number;
  @ApiProperty({
    type: 'number',
    required: false,
    description: 'Seconds the rates are really of: from the sample next to the beginning of the window until now.',
    example: 61.2,
  })
  readonly seconds?: number;
  @ApiPropertyOptional({
    ...RATES,
    description: 'Events per second of all CPUs together, by the kernel’s column names. Wrapped counters are followed.',
    example: { found: 0.2, invalid: 13.7, insert_failed: 0, drop: 0, early_drop: 0, search_restart: 0 },
  })
  readonly totals?: Counters;
  @ApiPropertyOptional({
    type: 'array',
    items: RATES,
    description: 'Events per second of each CPU, by the kernel’s column names.',
    example: [{ found: 0.2, invalid: 13.7, insert_failed: 0, drop: 0, early_drop: 0, search_restart: 0 }],
  })
  readonly perCpu?: readonly Counters[];
  @ApiProperty({ required: false, description: 'Why there are no rates.', example: 'The oldest reading is only 20 s old.' })
  readonly reason?: string;
}

export class CounterMeaningDto implements CounterMeaning {
  @ApiProperty({ description: 'The counter, by the kernel’s column name.', example: 'chainlength' })
  readonly name!: string;
  @ApiProperty({ required: false, description: 'What `conntrack -S` calls it, where that is another name.', example: 'chaintoolong' })
  readonly conntrackName?: string;
  @ApiProperty({ description: 'What it counts.', example: 'A new flow was refused because its hash chain was too long.' })
  readonly meaning!: string;
  @ApiProperty({
    enum: [...FINDING_LEVELS],
    description: 'How bad it is when it rises. `error`: new flows are lost or evicted; `warning`: compare with what `meaning` names.',
    example: 'error',
  })
  readonly level!: FindingLevel;
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'Present, and true, where this kernel has the column and counts nothing in it any more.',
  })
  readonly alwaysZero?: true;
}

export class CountersDto extends ResponseDto {
  @ApiProperty({ description: 'The file the counters were read from, or `ctnetlink`.', example: '/proc/net/stat/nf_conntrack' })
  readonly source!: string;
  @ApiProperty({
    ...COUNTERS,
    description: 'Sum over all CPUs since boot, by the kernel’s column names.',
    example: { found: 12, invalid: 840, insert_failed: 3, drop: 0, early_drop: 0, search_restart: 5 },
  })
  readonly totals!: Counters;
  @ApiProperty({
    type: 'array',
    items: COUNTERS,
    description: 'One object per CPU, by the kernel’s column names. Events since boot; each is 32 bits wide and wraps.',
    example: [{ found: 12, invalid: 840, insert_failed: 3, drop: 0, early_drop: 0, search_restart: 5 }],
  })
  readonly perCpu!: readonly Counters[];
  @ApiProperty({ type: () => CounterRatesDto, isArray: true, description: 'How fast they rise: over one minute and over five.' })
  readonly rates!: readonly CounterRatesDto[];
  @ApiProperty({ type: () => CounterMeaningDto, isArray: true, description: 'What they mean, and how bad it is when they rise.' })
  readonly meanings!: readonly CounterMeaningDto[];

  static of({ source, perCpu, rates, meanings }: CountersNow): CountersDto {
    return { source, totals: sumCounters(perCpu), perCpu, rates, meanings };
  }
}
