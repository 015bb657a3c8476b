import { ApiProperty } from '@nestjs/swagger';
import type { SummaryRow } from '../../domain/entry-summary.ts';

export const COUNT = { type: 'integer', minimum: 0 } as const;
const DECIMAL = { pattern: '^[0-9]+$', required: false } as const;
const OPTIONAL = 'Absent where none of the entries has counters.';
export const PACKETS = { ...DECIMAL, description: `Packets of both directions, in decimal text. ${OPTIONAL}`, example: '48211' };
export const BYTES = { ...DECIMAL, description: `Bytes of both directions, in decimal text. ${OPTIONAL}`, example: '51400233' };
const PORT = { ...COUNT, maximum: 65_535, required: false } as const;
const ZONE = PORT;

/** The parts of its key under the names of the filters, and its sums. */
export class SummaryRowDto implements SummaryRow {
  @ApiProperty({ required: false, description: 'By `source` and `pair`.', example: '10.0.0.5' })
  readonly source?: string;
  @ApiProperty({ required: false, description: 'By `destination` and `pair`.', example: '192.0.2.10' })
  readonly destination?: string;
  @ApiProperty({ required: false, description: 'By `natSource`: the address that SNAT or masquerade put in.', example: '203.0.113.1' })
  readonly natSource?: string;
  @ApiProperty({ required: false, description: 'By `natDestination`: the address that DNAT or redirect put in.', example: '10.0.0.80' })
  readonly natDestination?: string;
  @ApiProperty({
    required: false,
    description: 'By `protocol`, `state` and ports: as the kernel names it; `unknown` for one it has no name for.',
    example: 'tcp',
  })
  readonly protocol?: string;
  @ApiProperty({ ...COUNT, maximum: 255, required: false, description: 'IANA protocol number; beside `protocol`.', example: 6 })
  readonly protocolNumber?: number;
  @ApiProperty({ ...PORT, description: 'By `sourcePort`, for each protocol apart.', example: 51_324 })
  readonly sourcePort?: number;
  @ApiProperty({ ...PORT, description: 'By `destinationPort`, for each protocol apart.', example: 443 })
  readonly destinationPort?: number;
  @ApiProperty({ required: false, description: 'By `state`, for each protocol apart.', example: 'ESTABLISHED' })
  readonly state?: string;
  @ApiProperty({ ...COUNT, maximum: 4_294_967_295, required: false, description: 'By `mark`: 0 where the entry has none.', example: 16 })
  readonly mark?: number;
  @ApiProperty({ ...ZONE, description: 'By `zone`: 0 where the entry has none.', example: 0 })
  readonly zone?: number;
  @ApiProperty({ ...ZONE, description: 'By `zone`, of entries whose original direction only is in a zone.', example: 1 })
  readonly originalZone?: number;
  @ApiProperty({ ...ZONE, description: 'By `zone`, of entries whose reply direction only is in a zone.', example: 1 })
  readonly replyZone?: number;
  @ApiProperty({ ...COUNT, description: 'Entries.', example: 1204 })
  readonly entries!: number;
  @ApiProperty(PACKETS)
  readonly packets?: string;
  @ApiProperty(BYTES)
  readonly bytes?: string;
  @ApiProperty({
    ...COUNT,
    required: false,
    description:
      'Present where the row is not exact: what rows are ordered by may be too high by this and is never too low; the other two sums are at least what is said.',
    example: 15,
  })
  readonly error?: number;
}
