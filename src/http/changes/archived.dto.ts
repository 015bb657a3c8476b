import { ApiProperty } from '@nestjs/swagger';
import type { ArchivedChanges } from '../../application/ports/journal.ts';
import { formatHead } from '../preconditions/journal-head.ts';

export class ArchivedDto {
  @ApiProperty({ type: 'integer', description: 'Id of the last archived change. None of them can be rolled back.', example: 812 })
  readonly change!: number;
  @ApiProperty({
    description: 'The last archived record, as SEQUENCE:HASH. The records of the service continue from it.',
    example: '1630:b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
  })
  readonly head!: string;
  @ApiProperty({ description: 'Path that the archive was written to.', example: '/var/backups/conntrack-2026.ndjson' })
  readonly file!: string;
  @ApiProperty({ description: 'SHA-256 of the archive.', example: '0f5d2a6d1c9be2ff8ef0f6a7d2b1c95cb3a9b3b15b2f0d5e7a1c4f9e8d7c6b5a' })
  readonly sha256!: string;
  @ApiProperty({ format: 'date-time', description: 'When it was archived. RFC 3339, UTC.', example: '2026-11-22T19:33:00.000Z' })
  readonly at!: string;

  static of({ change, through, file, sha256, at }: ArchivedChanges): ArchivedDto {
    return { change, head: formatHead(through), file, sha256, at: at.toISOString() };
  }
}
