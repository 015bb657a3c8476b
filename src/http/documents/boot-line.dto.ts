import { ApiProperty } from '@nestjs/swagger';
import {
  OVERRIDDEN_REASONS,
  type BootLine,
  type OtherWriterLine,
  type OverriddenLine,
  type OverriddenReason,
} from '../../domain/boot/boot-line.ts';

export class BootLineDto implements BootLine {
  @ApiProperty({
    description: 'Source of the line: a file, `/proc/cmdline`, or a file inside an initramfs.',
    example: '/etc/sysctl.d/99-zz-conntrack-api.conf',
  })
  readonly path!: string;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Line number, starting at 1.', example: 4 })
  readonly line!: number;
  @ApiProperty({
    description: 'The line as written. For the kernel command line, only the parameter.',
    example: 'net.netfilter.nf_conntrack_max = 131072',
  })
  readonly text!: string;
}

export class OverriddenLineDto extends BootLineDto implements OverriddenLine {
  @ApiProperty({
    enum: [...OVERRIDDEN_REASONS],
    description:
      'Why the line has no effect. `overridden-by-later-line`: a later line sets the same value. `file-masked`: a file of the same name has priority, or the file is a link to /dev/null. `repeats-earlier-value`: systemd ' +
      'applies a repeated assignment at its first position. `module-loads-late`: sysctls are set before the module is loaded. `built-in`: conntrack is compiled in, so files for modules have no effect. ' +
      '`sysctl-runs-later`: a sysctl overrides the module parameter after the module is loaded. `command-line-wins`: the kernel command line has priority. `not-read`: the file is not read at boot. ' +
      '`refused-by-kernel`: the kernel rejects the value. `setting-absent`: this kernel has no such setting. `excluded`: another line excludes it. `not-understood`: the line cannot be parsed. ' +
      '`other-module-name`: the options are for a name under which the module is not loaded. `module-fails`: the module rejects its parameters. ' +
      '`wrong-key`: the key is not one of this kernel. `unknown-parameter`: the module has no such parameter.',
    example: 'overridden-by-later-line',
  })
  readonly reason!: OverriddenReason;
  @ApiProperty({
    description: 'Explanation of `reason`. It names the effective line, if there is one.',
    example: '/etc/sysctl.d/99-zz-conntrack-api.conf, line 4, is read later.',
  })
  readonly detail!: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'The value that the line sets, in the setting’s unit. Absent if it is not a number.',
    example: 65_536,
  })
  readonly value?: number;
}

export class OtherWriterLineDto extends BootLineDto implements OtherWriterLine {
  @ApiProperty({ description: 'The program that sets the value: its name, or that of its unit or script.', example: 'tuned' })
  readonly program!: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'The value that it sets, in the setting’s unit. Absent if it is not known.',
    example: 65_536,
  })
  readonly value?: number;
}
