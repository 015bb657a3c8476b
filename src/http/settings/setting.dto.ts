import { ApiProperty, PickType } from '@nestjs/swagger';
import type { AtNextBoot, Drift, SettingView, SettingsView } from '../../application/table/read-settings.ts';
import type { Layout } from '../../domain/layout.ts';
import type { SettingScope, SettingUnit } from '../../domain/setting.ts';
import { LAYOUTS, ResponseDto } from '../documents/response.dto.ts';
import { BootSettingDto } from '../documents/boot-setting.dto.ts';

const UNITS: SettingUnit[] = ['entries', 'buckets', 'seconds', 'bytes', 'boolean', 'level', 'packets', 'protocol', 'unknown'];
const SCOPES: SettingScope[] = ['host', 'namespace'];

export class DriftDto {
  @ApiProperty({ type: 'integer', description: 'Last known value before the drift, in `unit`.', example: 262_144 })
  readonly from!: number;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Id of the recorded change of kind `drift`.', example: 9 })
  readonly changeId!: number;
  @ApiProperty({ format: 'date-time', description: 'When the drift was detected. RFC 3339, UTC.', example: '2026-11-27T06:12:40.007Z' })
  readonly seenAt!: string;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description:
      'Which program probably changed the value. The kernel does not report it, so this is a guess. `null` if there is no indication.',
    example: 'likely: kube-proxy is running and writes such settings',
  })
  readonly evidence!: string | null;

  static of({ from, changeId, seenAt, evidence }: Drift): DriftDto {
    return { from, changeId, seenAt: seenAt.toISOString(), evidence };
  }
}

export class AtNextBootDto extends PickType(BootSettingDto, ['value', 'origin', 'effective']) implements AtNextBoot {}

export class SettingDto extends ResponseDto implements Omit<SettingView, 'drift'> {
  @ApiProperty({ description: 'Setting name: the sysctl key without its `nf_conntrack_` or `ip_conntrack_` prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({ description: 'The sysctl key.', example: 'net.netfilter.nf_conntrack_max' })
  readonly key!: string;
  @ApiProperty({ type: 'integer', required: false, description: 'Live value, in `unit`. Absent if it cannot be read.', example: 262_144 })
  readonly value?: number;
  @ApiProperty({ required: false, description: 'Why the value cannot be read. Absent if it can.', example: 'EACCES: permission denied' })
  readonly unreadable?: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Value in the boot files that this service manages, in `unit`. Absent if they do not set it.',
    example: 262_144,
  })
  readonly persisted?: number;
  @ApiProperty({ type: () => AtNextBootDto, description: 'Value after the next boot. `GET /api/v1/boot` gives the reasons.' })
  readonly atNextBoot!: AtNextBootDto;
  @ApiProperty({ enum: UNITS, description: 'Unit of the value.', example: 'entries' })
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
  @ApiProperty({ description: 'Description of the setting.', example: 'Entries the table accepts before new flows are dropped.' })
  readonly description!: string;
  @ApiProperty({ type: 'boolean', description: 'Whether this service can write the setting on this host.', example: true })
  readonly writable!: boolean;
  @ApiProperty({
    required: false,
    description: 'Why it cannot be written. Present only if `writable` is false.',
    example: 'EROFS: /proc/sys is mounted read-only',
  })
  readonly notWritable?: string;
  @ApiProperty({ required: false, description: 'The errno behind `notWritable`. Present only if `writable` is false.', example: 'EROFS' })
  readonly notWritableErrno?: string;
  @ApiProperty({
    required: false,
    description: 'What would make it writable. Present only if `writable` is false.',
    example: 'Run the service as root with CAP_NET_ADMIN.',
  })
  readonly notWritableRemedy?: string;
  @ApiProperty({
    type: () => DriftDto,
    required: false,
    description: 'Present while the live value is one that another writer has set. The service records drift but does not revert it.',
  })
  readonly drift?: DriftDto;

  static of({ drift, ...setting }: SettingView): SettingDto {
    return { ...setting, ...(drift && { drift: DriftDto.of(drift) }) };
  }
}

export class SettingListDto extends ResponseDto {
  @ApiProperty({
    enum: LAYOUTS,
    description: 'Conntrack implementation of this kernel: `nf_conntrack`, or `ip_conntrack` on old kernels.',
    example: 'nf_conntrack',
  })
  readonly layout!: Layout;
  @ApiProperty({
    required: false,
    description: 'The requested network namespace, to which the values apply. Absent if it is that of the service.',
    example: 'blue',
  })
  readonly namespace?: string;
  @ApiProperty({ type: () => SettingDto, isArray: true, description: 'Every conntrack setting of this kernel, sorted by name.' })
  readonly items!: readonly SettingDto[];

  static of({ layout, namespace, settings }: SettingsView): SettingListDto {
    return { layout, ...(namespace !== undefined && { namespace }), items: settings.map((setting) => SettingDto.of(setting)) };
  }
}
