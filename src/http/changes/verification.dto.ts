import { ApiProperty } from '@nestjs/swagger';
import type { JournalHead, JournalVerification } from '../../application/ports/journal.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { formatHead, HEAD_PATTERN, parseHead } from '../preconditions/journal-head.ts';

const HEAD = '14:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c';

export class VerifyQueryDto {
  @ApiProperty({
    required: false,
    description: 'A head noted earlier (`Conntrack-Journal-Head`, the system log), SEQUENCE:HASH: finds a tail that was cut off, too.',
    example: HEAD,
  })
  @Expect('SEQUENCE:HASH as Conntrack-Journal-Head has it', matches(HEAD_PATTERN))
  @Optional()
  readonly anchor?: string;

  static toAnchor({ anchor }: VerifyQueryDto): JournalHead | undefined {
    return anchor === undefined ? undefined : parseHead(anchor);
  }
}

export class BrokenRecordDto {
  @ApiProperty({ type: 'integer', description: 'Sequence of the first record that is not as it was written.', example: 9 })
  readonly sequence!: number;
  @ApiProperty({ description: 'What is wrong with it.', example: 'its hash does not match its content: it was altered' })
  readonly reason!: string;
}

export class VerificationDto extends ResponseDto {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Records that were found in order.', example: 14 })
  readonly records!: number;
  @ApiProperty({ description: 'The last record that was found in order, SEQUENCE:HASH.', example: HEAD })
  readonly head!: string;
  @ApiProperty({ type: () => BrokenRecordDto, required: false, description: 'Absent when the whole chain is unbroken.' })
  readonly broken?: BrokenRecordDto;

  static of({ records, head, broken }: JournalVerification): VerificationDto {
    return { records, head: formatHead(head), ...(broken && { broken }) };
  }
}
