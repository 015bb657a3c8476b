import { ApiProperty } from '@nestjs/swagger';
import type { BootLoading } from '../../domain/boot/boot-result.ts';
import { BootLineDto } from '../documents/boot-line.dto.ts';

export class BootLoadingDto implements BootLoading {
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether conntrack is compiled into the kernel. `null` if that cannot be determined.',
    example: false,
  })
  readonly builtIn!: boolean | null;
  @ApiProperty({
    enum: ['before-sysctl', 'late', 'fails', 'unknown'],
    description:
      'When conntrack is loaded. `before-sysctl`: before sysctls are set; `late`: on first use, after sysctls were set; `fails`: the module rejects its parameters; `unknown`: cannot be determined.',
    example: 'before-sysctl',
  })
  readonly when!: BootLoading['when'];
  @ApiProperty({ type: () => BootLineDto, required: false, description: 'The line that loads the module. Absent if there is none.' })
  readonly by?: BootLineDto;
  @ApiProperty({
    type: () => BootLineDto,
    required: false,
    description: 'The udev rule that applies the sysctls again when the module is loaded. Absent if there is none.',
  })
  readonly reappliedByRule?: BootLineDto;
  @ApiProperty({
    enum: ['systemd', 'procps', 'unknown'],
    description: 'Which program sets sysctls at boot: systemd-sysctl, or `sysctl --system` from procps.',
    example: 'systemd',
  })
  readonly sysctlBy!: BootLoading['sysctlBy'];
}
