import { ApiProperty } from '@nestjs/swagger';
import { HOST_ENTRIES_BASES, type HostEntriesBasis } from '../../domain/host-entries.ts';
import type { TableFindings } from '../../domain/findings/table-finding.ts';
import type { ByteRange, Table, TableSources } from '../../domain/table.ts';
import type { Layout } from '../../domain/layout.ts';
import { LAYOUTS, ResponseDto, UnavailableDto } from '../documents/response.dto.ts';
import { NotCheckedDto, TableFindingDto } from './finding.dto.ts';

export class ByteRangeDto implements ByteRange {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Bytes if no entry has extensions.', example: 26_624_256 })
  readonly minimum!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Bytes if every entry has all extensions.', example: 53_248_512 })
  readonly maximum!: number;
}

export class TableMemoryDto {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'Size of one entry in bytes, without extensions, as the kernel allocates it.',
    example: 256,
  })
  readonly objectBytes?: number;
  @ApiProperty({ required: false, description: 'Source of `objectBytes`.', example: '/proc/slabinfo' })
  readonly objectSource?: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Memory of the hash table in bytes: 8 per bucket.',
    example: 2_097_152,
  })
  readonly bucketsBytes?: number;
  @ApiProperty({ type: () => ByteRangeDto, required: false, description: 'Memory of the current entries in bytes.' })
  readonly entriesBytes?: ByteRangeDto;
  @ApiProperty({
    type: () => ByteRangeDto,
    required: false,
    description: 'Memory of a full table in bytes.',
    example: { minimum: 67_108_864, maximum: 134_217_728 },
  })
  readonly fullBytes?: ByteRangeDto;
}

export class TableSourcesDto implements TableSources {
  @ApiProperty({
    required: false,
    description: 'The text dump whose lines were counted, at most 10 s ago.',
    example: '/proc/net/ip_conntrack',
  })
  readonly count?: string;
  @ApiProperty({ required: false, description: 'The kernel log with the number from when tracking was loaded.', example: '/var/log/dmesg' })
  readonly max?: string;
  @ApiProperty({ required: false, description: 'As `max`.', example: '/var/log/dmesg' })
  readonly buckets?: string;
}

export class TableDto extends ResponseDto implements Table, TableFindings {
  @ApiProperty({
    enum: LAYOUTS,
    description: 'Conntrack implementation of this kernel: `nf_conntrack`, or `ip_conntrack` on old kernels.',
    example: 'nf_conntrack',
  })
  readonly layout!: Layout;
  @ApiProperty({
    required: false,
    description: 'The requested network namespace, to which `count` applies. Absent if it is that of the service.',
    example: 'blue',
  })
  readonly namespace?: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Number of entries in the network namespace.',
    example: 104_001,
  })
  readonly count?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Maximum number of entries. 0: unlimited. One value for the host, applied to each network namespace separately.',
    example: 262_144,
  })
  readonly max?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'Number of buckets of the hash table, which all network namespaces share.',
    example: 262_144,
  })
  readonly buckets?: number;
  @ApiProperty({
    type: () => TableSourcesDto,
    required: false,
    description: 'Where numbers come from for which this kernel has no file. Absent if it has all of them.',
  })
  readonly sources?: TableSourcesDto;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Number of entries of all network namespaces of the host, which share the buckets. Absent if it cannot be read.',
    example: 254_001,
  })
  readonly hostEntries?: number;
  @ApiProperty({
    enum: [...HOST_ENTRIES_BASES],
    required: false,
    description:
      'What `hostEntries` is based on. `slab`: the kernel’s own count of all entries, with its small reserves subtracted where possible. `namespaces`: the sum over the namespace of the ' +
      'service and the named ones (`--namespaces`), without unnamed namespaces such as those of containers. `count`: this kernel has no network namespaces.',
    example: 'slab',
  })
  readonly hostEntriesBasis?: HostEntriesBasis;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'count / max. Absent if max is unlimited.',
    example: 0.3967,
  })
  readonly utilisation?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description: 'hostEntries / buckets, as often quoted. It is half of the average chain length.',
    example: 0.3967,
  })
  readonly entriesPerBucket?: number;
  @ApiProperty({
    type: 'number',
    minimum: 0,
    required: false,
    description:
      '2 x hostEntries / buckets, in entries. Every entry is in the table twice, once per direction. Absent if hostEntries is; `unavailable` then has the reason.',
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
  @ApiProperty({
    type: () => TableMemoryDto,
    description: 'Memory of the table. Ranges, because the extensions of entries are not visible from user space.',
  })
  readonly memory!: TableMemoryDto;
  @ApiProperty({
    type: () => UnavailableDto,
    isArray: true,
    description: 'Fields that could not be read, and why. Such a field is absent, never 0.',
  })
  readonly unavailable!: readonly UnavailableDto[];
  @ApiProperty({
    type: () => TableFindingDto,
    isArray: true,
    description: 'Current findings, most severe first, with evidence and remedy. Findings about counters cover the last five minutes.',
  })
  readonly findings!: readonly TableFindingDto[];
  @ApiProperty({
    type: () => NotCheckedDto,
    isArray: true,
    description: 'Checks that could not run, and why. Their absence from `findings` means nothing.',
  })
  readonly notChecked!: readonly NotCheckedDto[];
}
