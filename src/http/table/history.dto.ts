import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { History } from '../../application/table/read-history.ts';
import type { HistoryGap } from '../../domain/history/gaps.ts';
import type { HistorySample, Peak } from '../../domain/history/sample.ts';
import { HISTORY_STEPS } from '../../domain/history/steps.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { ForecastDto } from './forecast.dto.ts';

export class HistorySampleDto {
  @ApiProperty({ format: 'date-time', description: 'Where the period begins.', example: '2026-11-27T00:00:00.000Z' })
  readonly at!: string;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Looks at the table in the period.', example: 6 })
  readonly readings!: number;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'Entries in use, mean of the readings.', example: 104_001 })
  readonly count?: number;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'The most entries of all readings.', example: 104_730 })
  readonly countPeak?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Entries accepted, last reading; 0 means unlimited.',
    example: 262_144,
  })
  readonly max?: number;
  @ApiProperty({ type: 'integer', minimum: 1, required: false, description: 'Buckets of the hash table, last reading.', example: 262_144 })
  readonly buckets?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'count / max, from 0 to 1. Absent when max is unlimited.',
    example: 0.3967,
  })
  readonly utilisation?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'Seconds that `increments` are of; divide by it for a rate. About the step, less where samples were missed.',
    example: 60,
  })
  readonly seconds?: number;
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 0 },
    description:
      'Events counted, all processors together, by the kernel’s column names. Wrapped counters are followed. Absent where it cannot be told: after a start of the service or a reboot.',
    example: { found: 12, invalid: 40, insert_failed: 0, drop: 0, early_drop: 0 },
  })
  readonly increments?: Readonly<Record<string, number>>;

  static of({ at, ...sample }: HistorySample): HistorySampleDto {
    const { count, max } = sample;
    const utilisation = count === undefined || max === undefined || max === 0 ? undefined : count / max;
    return { at: at.toISOString(), ...sample, ...(utilisation !== undefined && { utilisation }) };
  }
}

export class HistoryGapDto {
  @ApiProperty({ format: 'date-time', description: 'Where it begins.', example: '2026-11-27T00:00:00.000Z' })
  readonly from!: string;
  @ApiProperty({ format: 'date-time', description: 'Where it ends.', example: '2026-11-27T00:12:30.000Z' })
  readonly to!: string;

  static of({ from, to }: HistoryGap): HistoryGapDto {
    return { from: from.toISOString(), to: to.toISOString() };
  }
}

export class PeakDto {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Entries in use.', example: 198_311 })
  readonly count!: number;
  @ApiProperty({ format: 'date-time', description: 'When it was seen.', example: '2026-11-23T20:15:03.000Z' })
  readonly at!: string;

  static of({ count, at }: Peak): PeakDto {
    return { count, at: at.toISOString() };
  }
}

export class HistoryDto extends ResponseDto {
  @ApiProperty({ format: 'date-time', description: 'Asked for, or chosen.', example: '2026-11-27T00:00:00.000Z' })
  readonly from!: string;
  @ApiProperty({ format: 'date-time', description: 'Asked for, or now.', example: '2026-11-28T00:00:00.000Z' })
  readonly to!: string;
  @ApiProperty({ enum: [...HISTORY_STEPS], type: 'integer', description: 'Length of a period, in seconds.', example: 60 })
  readonly stepSeconds!: number;
  @ApiProperty({
    type: () => HistorySampleDto,
    isArray: true,
    description: 'Oldest first, of the service’s own network namespace. A period in which nothing was seen is absent.',
  })
  readonly samples!: readonly HistorySampleDto[];
  @ApiProperty({
    type: () => HistoryGapDto,
    isArray: true,
    description:
      'Times of which nothing is known: the service did not run, the table could not be read, or periods of this length are kept no longer.',
  })
  readonly gaps!: readonly HistoryGapDto[];
  @ApiProperty({
    type: () => PeakDto,
    required: false,
    description: 'The most entries ever seen at a sample, in whatever range. Absent before the first.',
  })
  readonly peak?: PeakDto;
  @ApiProperty({ type: () => ForecastDto, description: 'When the table is full, from the last hour, in whatever range.' })
  readonly forecast!: ForecastDto;

  static of({ from, to, stepSeconds, samples, gaps, peak, forecast }: History): HistoryDto {
    return {
      from: from.toISOString(),
      to: to.toISOString(),
      stepSeconds,
      samples: samples.map((sample) => HistorySampleDto.of(sample)),
      gaps: gaps.map((gap) => HistoryGapDto.of(gap)),
      ...(peak && { peak: PeakDto.of(peak) }),
      forecast: ForecastDto.of(forecast),
    };
  }
}
