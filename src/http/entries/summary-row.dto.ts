import { ApiProperty } from '@nestjs/swagger';
import type { Estimate, SummaryRow } from '../../domain/entry-summary.ts';

export const COUNT = { type: 'integer', minimum: 0 } as const;
const DECIMAL = { pattern: '^[0-9]+$', required: false } as const;
const OPTIONAL = 'Absent if none of the entries has counters.';
export const PACKETS = { ...DECIMAL, description: `Packets in both directions, as decimal text. ${OPTIONAL}`, example: '48211' };
export const BYTES = { ...DECIMAL, description: `Bytes in both directions, as decimal text. ${OPTIONAL}`, example: '51400233' };
const PORT = { ...COUNT, maximum: 65_535, required: false } as const;
const ZONE = PORT;

/** Numbers of the table, from a sample. */
export class EstimateDto implements Estimate {
  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'Share of all entries of the table, whether they match or not: that of the sample.',
    example: 0.024,
  })
  readonly share!: number;
  @ApiProperty({ ...COUNT, description: 'Estimated number of entries in the table.', example: 24_080 })
  readonly entries!: number;
  @ApiProperty({ ...COUNT, description: 'Lower end of the confidence interval of this number.', example: 22_512 })
  readonly low!: number;
  @ApiProperty({ ...COUNT, description: 'Upper end of the confidence interval of this number.', example: 25_441 })
  readonly high!: number;
}

export const ESTIMATE = {
  type: () => EstimateDto,
  required: false,
  description: 'Estimate of `entries` for the whole table. Present if the response is a sample that is not exact (`sample`).',
} as const;

/** The parts of the key, named like the filter fields, and the sums. */
export class SummaryRowDto implements SummaryRow {
  @ApiProperty({ required: false, description: 'Source address. For the keys `source` and `pair`.', example: '10.0.0.5' })
  readonly source?: string;
  @ApiProperty({ required: false, description: 'Destination address. For the keys `destination` and `pair`.', example: '192.0.2.10' })
  readonly destination?: string;
  @ApiProperty({
    required: false,
    description: 'Source address after SNAT or masquerade. For the key `natSource`.',
    example: '203.0.113.1',
  })
  readonly natSource?: string;
  @ApiProperty({
    required: false,
    description: 'Destination address after DNAT or redirect. For the key `natDestination`.',
    example: '10.0.0.80',
  })
  readonly natDestination?: string;
  @ApiProperty({
    required: false,
    description: 'Protocol name as the kernel prints it, or `unknown`. For the keys `protocol`, `state` and ports.',
    example: 'tcp',
  })
  readonly protocol?: string;
  @ApiProperty({ ...COUNT, maximum: 255, required: false, description: 'IANA protocol number. Present with `protocol`.', example: 6 })
  readonly protocolNumber?: number;
  @ApiProperty({ ...PORT, description: 'Source port. For the key `sourcePort`; each protocol has its own rows.', example: 51_324 })
  readonly sourcePort?: number;
  @ApiProperty({ ...PORT, description: 'Destination port. For the key `destinationPort`; each protocol has its own rows.', example: 443 })
  readonly destinationPort?: number;
  @ApiProperty({
    required: false,
    description: 'Protocol state. For the key `state`; each protocol has its own rows.',
    example: 'ESTABLISHED',
  })
  readonly state?: string;
  @ApiProperty({
    ...COUNT,
    maximum: 4_294_967_295,
    required: false,
    description: 'Connection mark, 0 if the entry has none. For the key `mark`.',
    example: 16,
  })
  readonly mark?: number;
  @ApiProperty({ ...ZONE, description: 'Conntrack zone, 0 if the entry has none. For the key `zone`.', example: 0 })
  readonly zone?: number;
  @ApiProperty({
    ...ZONE,
    description: 'Conntrack zone of entries with a zone for the original direction only. For the key `zone`.',
    example: 1,
  })
  readonly originalZone?: number;
  @ApiProperty({
    ...ZONE,
    description: 'Conntrack zone of entries with a zone for the reply direction only. For the key `zone`.',
    example: 1,
  })
  readonly replyZone?: number;
  @ApiProperty({
    required: false,
    description: 'Name of the conntrack helper. For the key `helper`. A text source has none.',
    example: 'ftp',
  })
  readonly helper?: string;
  @ApiProperty({ ...COUNT, description: 'Number of entries.', example: 1204 })
  readonly entries!: number;
  @ApiProperty(PACKETS)
  readonly packets?: string;
  @ApiProperty(BYTES)
  readonly bytes?: string;
  @ApiProperty({
    ...COUNT,
    required: false,
    description:
      'Present if the row is not exact. The sum that rows are ordered by is too high by at most this and never too low; the other two sums are lower bounds.',
    example: 15,
  })
  readonly error?: number;
  @ApiProperty(ESTIMATE)
  readonly estimate?: EstimateDto;
}
