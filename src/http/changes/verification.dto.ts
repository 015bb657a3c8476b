import { ApiProperty } from '@nestjs/swagger';
import type { JournalHead, JournalVerification } from '../../application/ports/journal.ts';
import { ArchivedDto } from './archived.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { formatHead, HEAD_PATTERN, parseHead } from '../preconditions/journal-head.ts';

const HEAD = '14:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c';

export class VerifyQueryDto {
  @ApiProperty({
    required: false,
    description:
      'A head stored earlier, from `Conntrack-Journal-Head` or the system log, as SEQUENCE:HASH. With it, records removed from the end of the journal are detected too.',
    example: HEAD,
  })
  @Expect('SEQUENCE:HASH, as in Conntrack-Journal-Head', matches(HEAD_PATTERN))
  @Optional()
  readonly anchor?: string;

  static toAnchor({ anchor }: VerifyQueryDto): JournalHead | undefined {
    return anchor === undefined ? undefined : parseHead(anchor);
  }
}

export class BrokenRecordDto {
  @ApiProperty({ type: 'integer', description: 'Sequence number of the first record that differs from what was written.', example: 9 })
  readonly sequence!: number;
  @ApiProperty({ description: 'What is wrong with the record.', example: 'its hash does not match its content: it was altered' })
  readonly reason!: string;
}

export class AlteredTokenDto {
  @ApiProperty({ description: 'Public id of the token.', example: '3f9c2ab81d04' })
  readonly id!: string;
  @ApiProperty({
    description: 'The fields that differ, as recorded and as found.',
    example: 'scopes: recorded ["table:read"], found ["table:read","tokens:admin"]',
  })
  readonly difference!: string;
}

export class VerificationDto extends ResponseDto {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Number of intact records, without those that are archived.', example: 14 })
  readonly records!: number;
  @ApiProperty({ description: 'The last intact record, as SEQUENCE:HASH.', example: HEAD })
  readonly head!: string;
  @ApiProperty({
    type: () => BrokenRecordDto,
    required: false,
    description: 'The first broken record. Absent if the whole chain is intact.',
  })
  readonly broken?: BrokenRecordDto;

  @ApiProperty({
    type: () => AlteredTokenDto,
    isArray: true,
    required: false,
    description: 'Tokens that differ from their newest record. They are refused. Absent if there are none.',
  })
  readonly alteredTokens?: readonly AlteredTokenDto[];

  @ApiProperty({
    type: () => ArchivedDto,
    required: false,
    description: 'The changes that are in an archive instead of the database, and were not verified. Absent if nothing was archived.',
  })
  readonly archivedThrough?: ArchivedDto;

  static of({ records, head, broken, alteredTokens, archived }: JournalVerification): VerificationDto {
    return {
      records,
      head: formatHead(head),
      ...(broken && { broken }),
      ...(alteredTokens && { alteredTokens }),
      ...(archived && { archivedThrough: ArchivedDto.of(archived) }),
    };
  }
}
