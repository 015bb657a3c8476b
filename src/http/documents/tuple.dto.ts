import { ApiProperty, PickType } from '@nestjs/swagger';
import type { MasterTuple, SequenceAdjust, Synproxy, Tuple } from '../../domain/entry.ts';

const PORT = { type: 'integer', minimum: 0, maximum: 65_535, required: false } as const;
const WORD = { type: 'integer', minimum: 0, maximum: 4_294_967_295 } as const;
export const ENDS = [
  ...(['source', 'destination', 'sourcePort', 'destinationPort', 'icmpType', 'icmpCode', 'icmpId'] as const),
  ...(['sourceKey', 'destinationKey'] as const),
] as const;
const OCTET = { type: 'integer', minimum: 0, maximum: 255, required: false } as const;

export class SequenceAdjustDto implements SequenceAdjust {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 4_294_967_295,
    description: 'Sequence number from which `offsetAfter` applies.',
    example: 1_203_456,
  })
  readonly correction!: number;
  @ApiProperty({ type: 'integer', description: 'Offset in bytes before that sequence number.', example: 0 })
  readonly offsetBefore!: number;
  @ApiProperty({ type: 'integer', description: 'Offset in bytes from that sequence number on.', example: 12 })
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
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 65_535, required: false, description: 'ICMP query identifier.', example: 1234 })
  readonly icmpId?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'GRE key (PPTP call id) of the source.',
    example: 17,
  })
  readonly sourceKey?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'GRE key (PPTP call id) of the destination.',
    example: 18,
  })
  readonly destinationKey?: number;
  @ApiProperty({
    pattern: '^[0-9]+$',
    required: false,
    description:
      'Packets in this direction, a 64-bit number as decimal text. Present only if the setting `acct` was on when the flow started.',
    example: '12',
  })
  readonly packets?: string;
  @ApiProperty({
    pattern: '^[0-9]+$',
    required: false,
    description:
      'Bytes in this direction, a 64-bit number as decimal text. Present only if the setting `acct` was on when the flow started.',
    example: '1840',
  })
  readonly bytes?: string;
  @ApiProperty({ ...OCTET, description: 'TCP window scale announced in this direction.', example: 7 })
  readonly windowScale?: number;
  @ApiProperty({
    ...OCTET,
    description:
      'TCP flags that the kernel keeps for this direction (IP_CT_TCP_FLAG_*): 1 window scaling, 2 SACK permitted, 4 closed first, 8 be liberal, ' +
      '16 unacknowledged data, 32 maximum ACK seen, 64 challenge ACK expected, 128 simultaneous open.',
    example: 35,
  })
  readonly tcpFlags?: number;
  @ApiProperty({
    type: () => SequenceAdjustDto,
    required: false,
    description: 'Adjustment of TCP sequence numbers in this direction. Present only if a NAT helper changed the length of the data.',
  })
  readonly sequenceAdjust?: SequenceAdjustDto;
  @ApiProperty({
    ...WORD,
    required: false,
    description: 'SCTP verification tag in this direction. 0 until the kernel has seen it.',
    example: 3_123_456_789,
  })
  readonly vtag?: number;
}

export class MasterTupleDto extends PickType(TupleDto, ENDS) implements MasterTuple {
  @ApiProperty({ description: 'Protocol name as the kernel prints it. `unknown` if the kernel has no name for it.', example: 'tcp' })
  readonly protocol!: string;
  @ApiProperty({ ...OCTET, required: true, description: 'IANA protocol number.', example: 6 })
  readonly protocolNumber!: number;
}

export class SynproxyDto implements Synproxy {
  @ApiProperty({ ...WORD, description: 'Initial sequence number.', example: 2_893_000_111 })
  readonly isn!: number;
  @ApiProperty({ ...WORD, description: 'Initial timestamp.', example: 812_345 })
  readonly its!: number;
  @ApiProperty({ ...WORD, description: 'Offset of the timestamps.', example: 0 })
  readonly tsoff!: number;
}
