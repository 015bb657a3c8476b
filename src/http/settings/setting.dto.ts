import { ApiProperty, PickType } from '@nestjs/swagger';
import type { AtNextBoot, Drift, SettingView, SettingsView } from '../../application/table/read-settings.ts';
import type { Layout } from '../../domain/layout.ts';
import type { SettingScope, SettingUnit } from '../../domain/setting.ts';
import { LAYOUTS, ResponseDto } from '../documents/response.dto.ts';
import { BootSettingDto } from '../documents/boot-setting.dto.ts';

const UNITS: SettingUnit[] = ['entries', 'buckets', 'seconds', 'bytes', 'boolean', 'level', 'packets', 'protocol', 'unknown'];
const SCOPES: SettingScope[] = ['host', 'namespace'];

export class DriftDto {
  @ApiProperty({ type: 'integer', description: 'The last value that was known before, in `unit`.', example: 262_144 })
  readonly from!: number;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Id of the change of kind `drift` that records it.', example: 9 })
  readonly changeId!: number;
  @ApiProperty({ format: 'date-time', description: 'When it was seen, RFC 3339, UTC.', example: '2026-11-27T06:12:40.007Z' })
  readonly seenAt!: string;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Who it likely was, in words: the kernel does not tell.',
    example: 'likely: kube-proxy is running and writes such settings',
  })
  readonly evidence!: string | null;

  static of({ from, changeId, seenAt, evidence }: Drift): DriftDto {
    return { from, changeId, seenAt: seenAt.toISOString(), evidence };
  }
}

export class AtNextBootDto extends PickType(BootSettingDto, ['value', 'origin', 'effective']) implements AtNextBoot {}

export class SettingDto extends ResponseDto implements Omit<SettingView, 'drift'> {
  @ApiProperty({ description: 'The kernel’s name without its prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({ description: 'The sysctl key.', example: 'net.netfilter.nf_conntrack_max' })
  readonly key!: string;
  @ApiProperty({ type: 'integer', required: false, description: 'Live value, in `unit`. Absent when it cannot be read.', example: 262_144 })
  readonly value?: number;
  @ApiProperty({ required: false, description: 'Why the value cannot be read.', example: 'EACCES: permission denied' })
  readonly unreadable?: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Value that this service’s own boot files ask for, in `unit`. Absent when they ask for none.',
    example: 262_144,
  })
  readonly persisted?: number;
  @ApiProperty({ type: () => AtNextBootDto, description: 'What the next boot will make of it; GET /api/v1/boot says why.' })
  readonly atNextBoot!: AtNextBootDto;
  @ApiProperty({ enum: UNITS, description: 'What the value counts.', example: 'entries' })
  readonly unit!: SettingUnit;
  @ApiProperty({ type: 'integer', description: 'Smallest value that may be requested, in `unit`.', example: 1 })
  readonly minimum!: number;
  @ApiProperty({ type: 'integer', description: 'Largest value that may be requested, in `unit`.', example: 2_147_483_647 })
  readonly maximum!: number;
  @ApiProperty({
    enum: SCOPES,
    description: '`host`: one value for every network namespace; `namespace`: each has its own.',
    example: 'host',
  })
  readonly scope!: SettingScope;
  @ApiProperty({ description: 'What it means.', example: 'Entries the table accepts before new flows are dropped.' })
  readonly description!: string;
  @ApiProperty({ type: 'boolean', description: 'Whether this service can write it here.', example: true })
  readonly writable!: boolean;
  @ApiProperty({
    required: false,
    description: 'Why it cannot be written; present exactly when `writable` is false.',
    example: 'EROFS: /proc/sys is mounted read-only',
  })
  readonly notWritable?: string;
  @ApiProperty({
    type: () => DriftDto,
    required: false,
    description: 'Present while the value is one that somebody else has set; it is recorded and never fought.',
  })
  readonly drift?: DriftDto;

  static of({ drift, ...setting }: SettingView): SettingDto {
    return { ...setting, ...(drift && { drift: DriftDto.of(drift) }) };
  }
}

export class SettingListDto extends ResponseDto {
  @ApiProperty({ enum: LAYOUTS, description: 'Which generation of connection tracking this kernel has.', example: 'nf_conntrack' })
  readonly layout!: Layout;
  @ApiProperty({ type: () => SettingDto, isArray: true, description: 'Every conntrack setting this kernel has, by name.' })
  readonly items!: readonly SettingDto[];

  static of({ layout, settings }: SettingsView): SettingListDto {
    return { layout, items: settings.map((setting) => SettingDto.of(setting)) };
  }
}
