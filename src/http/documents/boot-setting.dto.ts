import { ApiProperty } from '@nestjs/swagger';
import { BOOT_ORIGINS, type BootOrigin, type BootSetting } from '../../domain/boot/boot-result.ts';
import { BootLineDto, OtherWriterLineDto, OverriddenLineDto } from './boot-line.dto.ts';

export class ProcpsValueDto {
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'The value, in the setting’s unit. Absent if procps would set none.',
    example: 65_536,
  })
  readonly value?: number;
  @ApiProperty({ type: () => BootLineDto, required: false, description: 'The line that takes effect. Absent if there is none.' })
  readonly effective?: BootLineDto;
}

export class BootSettingDto implements BootSetting {
  @ApiProperty({ description: 'Setting name: the sysctl key without its `nf_conntrack_` or `ip_conntrack_` prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description:
      'Value after the next boot and the first firewall rule, as the kernel will report it, in the setting’s unit. Absent if it cannot be determined.',
    example: 131_072,
  })
  readonly value?: number;
  @ApiProperty({
    enum: [...BOOT_ORIGINS],
    description:
      'Where the value comes from. `file`: a configuration line, see `effective`. `command-line`: a kernel parameter, see `effective`. `derived`: max computed by the kernel from hashsize when the module is loaded (8 x buckets). ' +
      '`kernel-default`: nothing sets it. `unknown`: cannot be determined; a finding gives the reason.',
    example: 'file',
  })
  readonly origin!: BootOrigin;
  @ApiProperty({ type: () => BootLineDto, required: false, description: 'The line that takes effect. Absent if there is none.' })
  readonly effective?: BootLineDto;
  @ApiProperty({ type: () => OverriddenLineDto, isArray: true, description: 'Every other line that sets it, and why it has no effect.' })
  readonly overridden!: readonly OverriddenLineDto[];
  @ApiProperty({
    type: () => OtherWriterLineDto,
    isArray: true,
    required: false,
    description:
      'Other programs that set it when the machine starts, or later: ufw, tuned, kube-proxy, units, udev rules and others. Absent if there are none.',
  })
  readonly alsoSetBy?: readonly OtherWriterLineDto[];
  @ApiProperty({
    type: () => ProcpsValueDto,
    required: false,
    description: 'What `sysctl --system` from procps would set from the same files. Present only if that is a different value.',
  })
  readonly procps?: ProcpsValueDto;
}
