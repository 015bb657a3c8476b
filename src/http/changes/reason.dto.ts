import { ApiProperty } from '@nestjs/swagger';
import { isLine } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

const REASON_MAX_LENGTH = 500;

/** What every request that makes a change may carry. */
export class ReasonDto {
  @ApiProperty({ required: false, maxLength: REASON_MAX_LENGTH, description: 'Why, for the record.', example: 'black friday' })
  @Expect(`one to ${REASON_MAX_LENGTH} characters of plain text`, isLine(REASON_MAX_LENGTH))
  @Optional()
  readonly reason?: string;
}

export class ConfirmDto extends ReasonDto {}
