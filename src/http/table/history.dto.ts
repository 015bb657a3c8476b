import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { History } from '../../application/table/read-history.ts';
import type { HistoryGap } from '../../domain/history/gaps.ts';
import type { HistorySample, Peak } from '../../domain/history/sample.ts';
import { HISTORY_STEPS } from '../../domain/history/steps.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { ForecastDto } from './forecast.dto.ts';

export class HistorySampleDto {
  @ApiProperty({ format: 'date-time', description: 'Start of the period. RFC 3339, UTC.', example: '2026-11-27T00:00:00.000Z' })
  readonly at!: string;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Number of readings in the period.', example: 6 })
  readonly readings!: number;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'Number of entries, mean of the readings.', example: 104_001 })
  readonly count?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Number of entries, maximum of the readings.',
    example: 104_730,
  })
  readonly countPeak?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'The setting max in entries, last reading. 0: unlimited.',
    example: 262_144,
  })
  readonly max?: number;
  @ApiProperty({ type: 'integer', minimum: 1, required: false, description: 'Buckets of the hash table, last reading.', example: 262_144 })
  readonly buckets?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'count / max. Absent if max is unlimited.',
    example: 0.3967,
  })
  readonly utilisation?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'Seconds covered by `increments`: divide by it to get rates. About the step, less if samples are missing.',
    example: 60,
  })
  readonly seconds?: number;
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'integer', minimum: 0 },
    description:
      'Events counted in the period over all CPUs, by the kernel’s column names. Corrected for counter wraps. Absent if unknown, as after a start of the service or a reboot.',
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
  @ApiProperty({ format: 'date-time', description: 'Start of the gap. RFC 3339, UTC.', example: '2026-11-27T00:00:00.000Z' })
  readonly from!: string;
  @ApiProperty({ format: 'date-time', description: 'End of the gap. RFC 3339, UTC.', example: '2026-11-27T00:12:30.000Z' })
  readonly to!: string;

  static of({ from, to }: HistoryGap): HistoryGapDto {
    return { from: from.toISOString(), to: to.toISOString() };
  }
}

export class PeakDto {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Number of entries.', example: 198_311 })
  readonly count!: number;
  @ApiProperty({ format: 'date-time', description: 'Time of the reading. RFC 3339, UTC.', example: '2026-11-23T20:15:03.000Z' })
  readonly at!: string;

  static of({ count, at }: Peak): PeakDto {
    return { count, at: at.toISOString() };
  }
}

export class HistoryDto extends ResponseDto {
  @ApiProperty({
    format: 'date-time',
    description: 'Start of the range, as requested or by default. RFC 3339, UTC.',
    example: '2026-11-27T00:00:00.000Z',
  })
  readonly from!: string;
  @ApiProperty({
    format: 'date-time',
    description: 'End of the range, as requested or now. RFC 3339, UTC.',
    example: '2026-11-28T00:00:00.000Z',
  })
  readonly to!: string;
  @ApiProperty({ enum: [...HISTORY_STEPS], type: 'integer', description: 'Length of a period in seconds.', example: 60 })
  readonly stepSeconds!: number;
  @ApiProperty({
    type: () => HistorySampleDto,
    isArray: true,
    description: 'Samples of the network namespace of the service, oldest first. Periods without readings are absent.',
  })
  readonly samples!: readonly HistorySampleDto[];
  @ApiProperty({
    type: () => HistoryGapDto,
    isArray: true,
    description:
      'Intervals without samples: the service did not run, the table could not be read, or periods of this length are no longer stored.',
  })
  readonly gaps!: readonly HistoryGapDto[];
  @ApiProperty({
    type: () => PeakDto,
    required: false,
    description: 'Highest number of entries ever sampled, regardless of the range. Absent before the first sample.',
  })
  readonly peak?: PeakDto;
  @ApiProperty({ type: () => ForecastDto, description: 'Forecast of when the table is full, from the last hour, regardless of the range.' })
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
