import { ApiProperty } from '@nestjs/swagger';
import { STATUS_NAMES, type Entry, type Family, type StatusName } from '../../domain/entry.ts';
import { TupleDto } from './tuple.dto.ts';

export const FAMILIES: Family[] = ['ipv4', 'ipv6'];
const OCTET = { type: 'integer', minimum: 0, maximum: 255, required: false } as const;

export class EntryDto implements Entry {
  @ApiProperty({ description: 'Opaque; the same for the life of the flow.', example: '04060a000005c000020ac87c01bb030000-75e1dc5f' })
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
    enum: [...STATUS_NAMES],
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
  readonly originalZone?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Zone of the reply direction only.',
    example: 1,
  })
  readonly replyZone?: number;
  @ApiProperty({ required: false, description: 'Name of the helper that looks at the flow.', example: 'ftp' })
  readonly helper?: string;
  @ApiProperty({
    type: 'integer',
    isArray: true,
    minimum: 0,
    maximum: 127,
    required: false,
    description: 'Numbers of the labels that are set.',
    example: [3, 17],
  })
  readonly labels?: readonly number[];
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
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When the flow began, to the nanosecond; only where `timestamp` was on then.',
    example: '2026-11-22T20:14:05.123456789Z',
  })
  readonly startedAt?: string;
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When the flow ended, to the nanosecond; destroyed flows only (events).',
    example: '2026-11-22T20:15:05.123456789Z',
  })
  readonly stoppedAt?: string;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'References that the kernel holds to the entry.', example: 1 })
  readonly use?: number;
  @ApiProperty({ type: 'boolean', required: false, description: 'True when the flow bypasses the stack (flow offload).', example: true })
  readonly offload?: boolean;
}
