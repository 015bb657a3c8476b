import { ApiProperty } from '@nestjs/swagger';
import { STATUS_NAMES, type Entry, type Family, type StatusName } from '../../domain/entry.ts';
import { MasterTupleDto, SynproxyDto, TupleDto } from './tuple.dto.ts';

export const FAMILIES: Family[] = ['ipv4', 'ipv6'];
const OCTET = { type: 'integer', minimum: 0, maximum: 255, required: false } as const;

export class EntryDto implements Entry {
  @ApiProperty({
    description: 'Opaque id. It stays the same for the lifetime of the flow.',
    example: '04060a000005c000020ac87c01bb030000-75e1dc5f',
  })
  readonly id!: string;
  @ApiProperty({ enum: FAMILIES, description: 'Address family.', example: 'ipv4' })
  readonly family!: Family;
  @ApiProperty({ description: 'Protocol name as the kernel prints it. `unknown` if the kernel has no name for it.', example: 'tcp' })
  readonly protocol!: string;
  @ApiProperty({ ...OCTET, required: true, description: 'IANA protocol number.', example: 6 })
  readonly protocolNumber!: number;
  @ApiProperty({
    required: false,
    description: 'Protocol state. Absent for protocols without states and for offloaded flows.',
    example: 'ESTABLISHED',
  })
  readonly state?: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds until the entry expires. Absent for offloaded flows.',
    example: 431_999,
  })
  readonly timeoutSeconds?: number;
  @ApiProperty({
    enum: [...STATUS_NAMES],
    isArray: true,
    description: 'Status flags of the kernel. A text dump shows only some of them.',
    example: ['SEEN_REPLY', 'ASSURED'],
  })
  readonly status!: readonly StatusName[];
  @ApiProperty({ type: () => TupleDto, description: 'Tuple of the original direction.' })
  readonly original!: TupleDto;
  @ApiProperty({
    type: () => TupleDto,
    description: 'Tuple of the reply direction. It is the mirrored original unless NAT translates the flow.',
    example: { source: '192.0.2.10', destination: '10.0.0.5', sourcePort: 443, destinationPort: 51_324, packets: '10', bytes: '5211' },
  })
  readonly reply!: TupleDto;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 4_294_967_295,
    required: false,
    description: 'Connection mark (connmark).',
    example: 0,
  })
  readonly mark?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Conntrack zone. Absent if the kernel does not report zones.',
    example: 0,
  })
  readonly zone?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Conntrack zone, if it applies to the original direction only.',
    example: 1,
  })
  readonly originalZone?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    required: false,
    description: 'Conntrack zone, if it applies to the reply direction only.',
    example: 1,
  })
  readonly replyZone?: number;
  @ApiProperty({ required: false, description: 'Name of the conntrack helper assigned to the flow.', example: 'ftp' })
  readonly helper?: string;
  @ApiProperty({
    type: 'integer',
    isArray: true,
    minimum: 0,
    maximum: 127,
    required: false,
    description: 'Bit numbers of the connection labels that are set.',
    example: [3, 17],
  })
  readonly labels?: readonly number[];
  @ApiProperty({ required: false, description: 'Security context (SELinux).', example: 'system_u:object_r:unlabeled_t:s0' })
  readonly secctx?: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 4_294_967_295,
    required: false,
    description: 'Security mark. Only kernels before 2.6.37 report it. Later ones report `secctx`.',
    example: 0,
  })
  readonly secmark?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds since the flow started. Present only if the setting `timestamp` is on.',
    example: 42,
  })
  readonly ageSeconds?: number;
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When the flow started, RFC 3339 with nanoseconds. Present only if the setting `timestamp` was on at that time.',
    example: '2026-11-22T20:14:05.123456789Z',
  })
  readonly startedAt?: string;
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When the flow ended, RFC 3339 with nanoseconds. Present only in `destroy` events.',
    example: '2026-11-22T20:15:05.123456789Z',
  })
  readonly stoppedAt?: string;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'Reference count of the entry in the kernel.', example: 1 })
  readonly use?: number;
  @ApiProperty({
    type: 'boolean',
    required: false,
    description: 'True if the flow is offloaded (flowtable) and bypasses the network stack.',
    example: true,
  })
  readonly offload?: boolean;
  @ApiProperty({
    type: () => SynproxyDto,
    required: false,
    description: 'Numbers that SYNPROXY needs to translate the packets. Present only if it answered the connection request.',
  })
  readonly synproxy?: SynproxyDto;
  @ApiProperty({
    type: () => MasterTupleDto,
    required: false,
    description: 'Original tuple of the flow that this flow belongs to, such as the control connection of an FTP transfer.',
    example: { protocol: 'tcp', protocolNumber: 6, source: '10.0.0.5', destination: '192.0.2.10', sourcePort: 51_324, destinationPort: 21 },
  })
  readonly master?: MasterTupleDto;
}
