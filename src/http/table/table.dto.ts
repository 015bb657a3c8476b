import { ApiProperty } from '@nestjs/swagger';
import type { TableFindings } from '../../domain/findings/table-finding.ts';
import type { ByteRange, Table } from '../../domain/table.ts';
import type { Layout } from '../../domain/layout.ts';
import { LAYOUTS, ResponseDto, UnavailableDto } from '../documents/response.dto.ts';
import { NotCheckedDto, TableFindingDto } from './finding.dto.ts';

export class ByteRangeDto implements ByteRange {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Bytes if no entry carries an extension.', example: 26_624_256 })
  readonly minimum!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Bytes if every entry carries all extensions.', example: 53_248_512 })
  readonly maximum!: number;
}

export class TableMemoryDto {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'Measured bytes of one entry without its extensions.',
    example: 256,
  })
  readonly objectBytes?: number;
  @ApiProperty({ required: false, description: 'Where `objectBytes` was read.', example: '/proc/slabinfo' })
  readonly objectSource?: string;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'Bytes of the hash table: 8 a bucket.', example: 2_097_152 })
  readonly bucketsBytes?: number;
  @ApiProperty({ type: () => ByteRangeDto, required: false, description: 'Bytes that the entries in use take now.' })
  readonly entriesBytes?: ByteRangeDto;
  @ApiProperty({
    type: () => ByteRangeDto,
    required: false,
    description: 'Bytes that a full table would take.',
    example: { minimum: 67_108_864, maximum: 134_217_728 },
  })
  readonly fullBytes?: ByteRangeDto;
}

export class TableDto extends ResponseDto implements Table, TableFindings {
  @ApiProperty({ enum: LAYOUTS, description: 'Which generation of connection tracking this kernel has.', example: 'nf_conntrack' })
  readonly layout!: Layout;
  @ApiProperty({
    required: false,
    description: 'The named network namespace that was asked for, which `count` is of. Absent: the service’s own.',
    example: 'blue',
  })
  readonly namespace?: string;
  @ApiProperty({ type: 'integer', minimum: 0, required: false, description: 'Entries in use in this network namespace.', example: 104_001 })
  readonly count?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Entries accepted; 0 means unlimited. Of the host, and held against the count of each network namespace by itself.',
    example: 262_144,
  })
  readonly max?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'Buckets of the hash table. Of the host: all network namespaces share them.',
    example: 262_144,
  })
  readonly buckets?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'count / max, from 0 to 1. Absent when max is unlimited.',
    example: 0.3967,
  })
  readonly utilisation?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'count / buckets: the figure often quoted, half of the true chain.',
    example: 0.3967,
  })
  readonly entriesPerBucket?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: '2 x count / buckets, in entries: every entry is in the table twice, once per direction.',
    example: 0.7935,
  })
  readonly averageChainLength?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'max / buckets: entries per bucket of a full table.',
    example: 1,
  })
  readonly entriesPerBucketAtMax?: number;
  @ApiProperty({ type: () => TableMemoryDto, description: 'Memory in bytes; ranges, because extensions cannot be seen from user space.' })
  readonly memory!: TableMemoryDto;
  @ApiProperty({
    type: () => UnavailableDto,
    isArray: true,
    description: 'What could not be read, and why. Such a field is absent, never 0.',
  })
  readonly unavailable!: readonly UnavailableDto[];
  @ApiProperty({
    type: () => TableFindingDto,
    isArray: true,
    description: 'What is remarkable now, worst first, with evidence and remedy. From the last five minutes where it is about counters.',
  })
  readonly findings!: readonly TableFindingDto[];
  @ApiProperty({
    type: () => NotCheckedDto,
    isArray: true,
    description: 'Findings that could not be looked for, and why: that they are missing says nothing.',
  })
  readonly notChecked!: readonly NotCheckedDto[];
}
