import { ApiProperty } from '@nestjs/swagger';
import type { Forecast, Trend } from '../../domain/history/forecast.ts';

export class TrendDto implements Trend {
  @ApiProperty({ type: 'integer', description: 'Length of the window in seconds, up to now.', example: 900 })
  readonly windowSeconds!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Number of 10 s periods that the line is fitted to.', example: 90 })
  readonly samples!: number;
  @ApiProperty({
    type: 'number',
    required: false,
    description: 'Slope of the line in entries per second. Negative if the table empties.',
    example: 41.7,
  })
  readonly slopePerSecond?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: 1,
    required: false,
    description: 'Coefficient of determination, 0 to 1: how well the line fits. Below 0.5 there is no forecast.',
    example: 0.97,
  })
  readonly rSquared?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds until the line reaches max. Absent if `reason` is present.',
    example: 3_790,
  })
  readonly secondsToFull?: number;
  @ApiProperty({
    required: false,
    description: 'Why there is no forecast from this trend.',
    example: 'The number of entries is not rising.',
  })
  readonly reason?: string;
}

export class ForecastDto {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds until the table is full if the trend continues. Absent if `reason` is present.',
    example: 3_790,
  })
  readonly secondsToFull?: number;
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'The same as a point in time. RFC 3339, UTC.',
    example: '2026-11-27T01:03:10.000Z',
  })
  readonly fullAt?: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Window of the trend that the forecast is from, in seconds.',
    example: 900,
  })
  readonly windowSeconds?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'The max that the forecast is for, in entries.',
    example: 262_144,
  })
  readonly max?: number;
  @ApiProperty({ required: false, description: 'Why there is no forecast.', example: '900 s: The number of entries is not rising.' })
  readonly reason?: string;
  @ApiProperty({
    type: () => TrendDto,
    isArray: true,
    description:
      'Basis of the forecast: linear trends (ordinary least squares) of the count over the last 15 minutes and over the last hour.',
  })
  readonly trends!: readonly TrendDto[];

  static of({ fullAt, ...forecast }: Forecast): ForecastDto {
    return { ...forecast, ...(fullAt && { fullAt: fullAt.toISOString() }) };
  }
}
