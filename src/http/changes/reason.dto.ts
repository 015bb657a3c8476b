import { ApiProperty } from '@nestjs/swagger';
import { isLine } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

const REASON_MAX_LENGTH = 500;

/** Accepted by every request that records a change. */
export class ReasonDto {
  @ApiProperty({
    required: false,
    maxLength: REASON_MAX_LENGTH,
    description: 'Why the change is made. Recorded with the change.',
    example: 'black friday',
  })
  @Expect(`one to ${REASON_MAX_LENGTH} characters of plain text, none of them invisible`, isLine(REASON_MAX_LENGTH))
  @Optional()
  readonly reason?: string;
}

export class ConfirmDto extends ReasonDto {}
