import { ApiProperty } from '@nestjs/swagger';
import type { Forecast, Trend } from '../../domain/history/forecast.ts';

export class TrendDto implements Trend {
  @ApiProperty({ type: 'integer', description: 'How far back is looked, in seconds.', example: 900 })
  readonly windowSeconds!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Periods of 10 s that the line goes through.', example: 90 })
  readonly samples!: number;
  @ApiProperty({ type: 'number', required: false, description: 'Entries per second; below 0 where it falls.', example: 41.7 })
  readonly slopePerSecond?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: 1,
    required: false,
    description: 'Share of the movement that the line explains, 0 to 1: the confidence in it. Below 0.5 nothing is told.',
    example: 0.97,
  })
  readonly rSquared?: number;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'Seconds until the line meets max.', example: 3_790 })
  readonly secondsToFull?: number;
  @ApiProperty({ required: false, description: 'Why there is no time.', example: 'The number of entries is not rising.' })
  readonly reason?: string;
}

export class ForecastDto {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds until the table is full if it goes on as in the last minutes. Absent where `reason` says why.',
    example: 3_790,
  })
  readonly secondsToFull?: number;
  @ApiProperty({ required: false, format: 'date-time', description: 'The same as a time.', example: '2026-11-27T01:03:10.000Z' })
  readonly fullAt?: string;
  @ApiProperty({ type: 'integer', required: false, description: 'Of the trend it comes from, in seconds.', example: 900 })
  readonly windowSeconds?: number;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'The maximum it is measured against.', example: 262_144 })
  readonly max?: number;
  @ApiProperty({ required: false, description: 'Why nothing can be told.', example: '900 s: The number of entries is not rising.' })
  readonly reason?: string;
  @ApiProperty({
    type: () => TrendDto,
    isArray: true,
    description: 'Its basis: straight lines (ordinary least squares) through the counts of the last 15 minutes and of the last hour.',
  })
  readonly trends!: readonly TrendDto[];

  static of({ fullAt, ...forecast }: Forecast): ForecastDto {
    return { ...forecast, ...(fullAt && { fullAt: fullAt.toISOString() }) };
  }
}
