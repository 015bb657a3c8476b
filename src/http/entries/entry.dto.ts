import { ApiProperty } from '@nestjs/swagger';
import type { DumpSummary, Entry, Family, StatusName, Tuple } from '../../domain/entry.ts';

export const FAMILIES: Family[] = ['ipv4', 'ipv6'];
const STATUS_NAMES: StatusName[] = ['CONFIRMED', 'SEEN_REPLY', 'ASSURED', 'OFFLOAD', 'HW_OFFLOAD'];
const PORT = { type: 'integer', minimum: 0, maximum: 65_535, required: false } as const;
const OCTET = { type: 'integer', minimum: 0, maximum: 255, required: false } as const;

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
}

export class EntryDto implements Entry {
  @ApiProperty({ description: 'Opaque; the same for the life of the flow.', example: '04060a000005c000020ac87c01bb030000' })
  readonly id!: string;
  @ApiProperty({ enum: FAMILIES, description: 'Address family.', example: 'ipv4' })
  readonly family!: Family;
  @ApiProperty({ description: 'Protocol as the kernel names it; `unknown` for one it has no name for.', example: 'tcp' })
  readonly protocol!: string;
  @ApiProperty({ ...OCTET, required: true, description: 'IANA protocol number.', example: 6 })
  readonly protocolNumber!: number;
  @ApiProperty({
    required: false,
    description: 'State of the protocol; absent for protocols without one and for offloaded flows.',
    example: 'ESTABLISHED',
  })
  readonly state?: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds until the entry expires; absent for offloaded flows.',
    example: 431_999,
  })
  readonly timeoutSeconds?: number;
  @ApiProperty({
    enum: STATUS_NAMES,
    isArray: true,
    description: 'The kernel’s status flags, as far as the source of the dump tells them.',
    example: ['SEEN_REPLY', 'ASSURED'],
  })
  readonly status!: readonly StatusName[];
  @ApiProperty({ type: () => TupleDto, description: 'The direction the flow was begun in.' })
  readonly original!: TupleDto;
  @ApiProperty({
    type: () => TupleDto,
    description: 'The direction of the answers; differs from the mirrored original where addresses are translated.',
    example: { source: '192.0.2.10', destination: '10.0.0.5', sourcePort: 443, destinationPort: 51_324, packets: '10', bytes: '5211' },
  })
  readonly reply!: TupleDto;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 4_294_967_295, required: false, description: 'Connection mark.', example: 0 })
  readonly mark?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Zone; absent where the kernel does not print zones.',
    example: 0,
  })
  readonly zone?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Zone of the original direction only.',
    example: 1,
  })
  readonly zoneOriginal?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Zone of the reply direction only.',
    example: 1,
  })
  readonly zoneReply?: number;
  @ApiProperty({ required: false, description: 'Security context.', example: 'system_u:object_r:unlabeled_t:s0' })
  readonly secctx?: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds since the flow began; only where `timestamp` is on.',
    example: 42,
  })
  readonly ageSeconds?: number;
  @ApiProperty({ type: 'boolean', required: false, description: 'True when the flow bypasses the stack (flow offload).', example: true })
  readonly offload?: boolean;
}

export class DumpSummaryDto implements DumpSummary {
  @ApiProperty({
    enum: ['complete', 'resized', 'interrupted'] satisfies DumpSummary['outcome'][],
    description:
      '`resized`: the number of buckets moved meanwhile, so entries may be missing or double. `interrupted`: it stopped short, see `reason`.',
    example: 'complete',
  })
  readonly outcome!: DumpSummary['outcome'];
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Entries that matched and are in this answer.', example: 1 })
  readonly entries!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Entries looked at.', example: 104_001 })
  readonly scanned!: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Lines of the kernel that could not be understood: counted, not shown.',
    example: 0,
  })
  readonly unparsedLines!: number;
  @ApiProperty({ description: 'Where the entries came from.', example: '/proc/net/nf_conntrack' })
  readonly source!: string;
  @ApiProperty({
    required: false,
    description: 'Why the dump stopped short; present exactly when it was interrupted.',
    example: 'the kernel module was unloaded',
  })
  readonly reason?: string;
}
