import { ApiProperty } from '@nestjs/swagger';
import { LISTED_CONNECTIONS_MAX } from '../../application/change/manage-blocks.ts';
import type { Block, BlockedConnection, BlockList } from '../../domain/deletion.ts';
import { ResponseDto } from '../documents/response.dto.ts';

class BlockedConnectionDto implements BlockedConnection {
  @ApiProperty({ description: 'Protocol.', example: 'tcp' })
  readonly protocol!: string;
  @ApiProperty({ description: 'Source of the packets, before NAT.', example: '10.0.0.5' })
  readonly source!: string;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 65_535, description: 'Port of the source. For ICMP: the id.', example: 51_324 })
  readonly sourcePort!: number;
  @ApiProperty({ description: 'Destination of the packets, before NAT.', example: '192.0.2.10' })
  readonly destination!: string;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 65_535, description: 'Port of the destination. For ICMP: the id.', example: 443 })
  readonly destinationPort!: number;
}

class BlockDto {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Id of the change that ended the connections.', example: 12 })
  readonly change!: number;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Number of connections whose packets are rejected.', example: 3 })
  readonly count!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Seconds until the last of these blocks expires.', example: 42 })
  readonly expiresInSeconds!: number;
  @ApiProperty({
    type: () => BlockedConnectionDto,
    isArray: true,
    maxItems: LISTED_CONNECTIONS_MAX,
    description: `${LISTED_CONNECTIONS_MAX} of the connections at most, in no particular order.`,
  })
  readonly connections!: readonly BlockedConnectionDto[];
}

export class BlockListDto extends ResponseDto {
  @ApiProperty({ type: () => BlockDto, isArray: true, description: 'Changes whose blocks are in effect, newest first.' })
  readonly blocks!: readonly BlockDto[];

  static of(list: BlockList): BlockListDto {
    return {
      blocks: list.map(({ change, count, expiresInSeconds, connections }: Block) => ({ change, count, expiresInSeconds, connections })),
    };
  }
}
