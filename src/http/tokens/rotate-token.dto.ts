import { ApiProperty } from '@nestjs/swagger';
import { LONGEST_OVERLAP_SECONDS, STANDARD_OVERLAP_SECONDS } from '../../domain/token-life.ts';
import { isInteger } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

export class RotateTokenDto {
  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 0,
    maximum: LONGEST_OVERLAP_SECONDS,
    default: STANDARD_OVERLAP_SECONDS,
    description: 'Seconds for which the old token stays valid. 0: it stops working at once.',
    example: STANDARD_OVERLAP_SECONDS,
  })
  @Expect(`an integer from 0 to ${String(LONGEST_OVERLAP_SECONDS)} (seconds)`, isInteger(0, LONGEST_OVERLAP_SECONDS))
  @Optional()
  readonly overlapSeconds?: number;

  static toOverlap({ overlapSeconds = STANDARD_OVERLAP_SECONDS }: RotateTokenDto): number {
    return overlapSeconds;
  }
}
