import { ApiProperty } from '@nestjs/swagger';
import type { SequenceAdjust, Tuple } from '../../domain/entry.ts';

const PORT = { type: 'integer', minimum: 0, maximum: 65_535, required: false } as const;
const OCTET = { type: 'integer', minimum: 0, maximum: 255, required: false } as const;

export class SequenceAdjustDto implements SequenceAdjust {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 4_294_967_295,
    description: 'Sequence number from which `offsetAfter` is meant.',
    example: 1_203_456,
  })
  readonly correction!: number;
  @ApiProperty({ type: 'integer', description: 'Bytes added before it.', example: 0 })
  readonly offsetBefore!: number;
  @ApiProperty({ type: 'integer', description: 'Bytes added from it on.', example: 12 })
  readonly offsetAfter!: number;
}

export class TupleDto implements Tuple {
  @ApiProperty({ description: 'Source address.', example: '10.0.0.5' })
  readonly source!: string;
  @ApiProperty({ description: 'Destination address.', example: '192.0.2.10' })
  readonly destination!: string;
  @ApiProperty({ ...PORT, description: 'Source port.', example: 51_324 })
  readonly sourcePort?: number;
  @ApiProperty({ ...PORT, description: 'Destination port.', example: 443 })
  readonly destinationPort?: number;
  @ApiProperty({ ...OCTET, description: 'ICMP type.', example: 8 })
  readonly icmpType?: number;
  @ApiProperty({ ...OCTET, description: 'ICMP code.', example: 0 })
  readonly icmpCode?: number;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 65_535, required: false, description: 'ICMP query id.', example: 1234 })
  readonly icmpId?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'GRE call id of the source (PPTP).',
    example: 17,
  })
  readonly sourceKey?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'GRE call id of the destination (PPTP).',
    example: 18,
  })
  readonly destinationKey?: number;
  @ApiProperty({
    pattern: '^[0-9]+$',
    required: false,
    description: 'Packets this way: 64 bits, in decimal text. Only where `acct` was on when the flow began.',
    example: '12',
  })
  readonly packets?: string;
  @ApiProperty({
    pattern: '^[0-9]+$',
    required: false,
    description: 'Bytes this way: 64 bits, in decimal text. Only where `acct` was on when the flow began.',
    example: '1840',
  })
  readonly bytes?: string;
  @ApiProperty({ ...OCTET, description: 'TCP: the window scale that this side announced.', example: 7 })
  readonly windowScale?: number;
  @ApiProperty({
    ...OCTET,
    description:
      'TCP: what the kernel keeps of this side, as bits: 1 window scaling, 2 selective acknowledgements, 4 it closed first, 8 be liberal, ' +
      '16 data not acknowledged, 32 greatest acknowledgement known, 64 challenge acknowledgement awaited, 128 simultaneous open.',
    example: 35,
  })
  readonly tcpFlags?: number;
  @ApiProperty({
    type: () => SequenceAdjustDto,
    required: false,
    description: 'How sequence numbers of this direction are moved, where NAT changed the length of what was sent.',
  })
  readonly sequenceAdjust?: SequenceAdjustDto;
}
