import { ApiProperty } from '@nestjs/swagger';
import type { BootLoading } from '../../domain/boot/boot-result.ts';
import { BootLineDto } from '../documents/boot-line.dto.ts';

export class BootLoadingDto implements BootLoading {
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether conntrack is compiled into the kernel; `null` where that cannot be determined.',
    example: false,
  })
  readonly builtIn!: boolean | null;
  @ApiProperty({
    enum: ['before-sysctl', 'late', 'fails', 'unknown'],
    description:
      '`before-sysctl`: sysctls find it there; `late`: whoever first needs it loads it, when sysctls have been set already; `fails`: the module refuses its parameters; `unknown`.',
    example: 'before-sysctl',
  })
  readonly when!: BootLoading['when'];
  @ApiProperty({ type: () => BootLineDto, required: false, description: 'The line that loads it; absent where none does.' })
  readonly by?: BootLineDto;
  @ApiProperty({
    type: () => BootLineDto,
    required: false,
    description: 'A udev rule that sets the sysctls again whenever the module is added; absent where there is none.',
  })
  readonly reappliedByRule?: BootLineDto;
  @ApiProperty({
    enum: ['systemd', 'procps', 'unknown'],
    description: 'By whose rules sysctls are set: systemd-sysctl, or `sysctl --system` of procps in init scripts.',
    example: 'systemd',
  })
  readonly sysctlBy!: BootLoading['sysctlBy'];
}
