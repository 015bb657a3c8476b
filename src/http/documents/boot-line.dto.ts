import { ApiProperty } from '@nestjs/swagger';
import { OVERRIDDEN_REASONS, type BootLine, type OverriddenLine, type OverriddenReason } from '../../domain/boot/boot-line.ts';

export class BootLineDto implements BootLine {
  @ApiProperty({
    description: 'Where it stands: a file, `/proc/cmdline`, or a file inside an initramfs.',
    example: '/etc/sysctl.d/99-zz-conntrack-api.conf',
  })
  readonly path!: string;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Number of the line, from 1.', example: 4 })
  readonly line!: number;
  @ApiProperty({
    description: 'The line as it stands there; of the kernel command line the parameter alone.',
    example: 'net.netfilter.nf_conntrack_max = 131072',
  })
  readonly text!: string;
}

export class OverriddenLineDto extends BootLineDto implements OverriddenLine {
  @ApiProperty({
    enum: [...OVERRIDDEN_REASONS],
    description:
      'Why it does not decide. `overridden-by-later-line`; `file-masked`: a file of the same name comes first, or it is linked to /dev/null; `repeats-earlier-value`: systemd keeps a repeated ' +
      'assignment in its first place; `module-loads-late`: sysctls were set before the module was there; `built-in`: files for modules do nothing; `sysctl-runs-later`: it sizes the table when the ' +
      'module loads, and a sysctl sets it after that; `command-line-wins`; `not-read`: no boot reads this file; `refused-by-kernel`; `setting-absent`: this kernel has no such setting; `excluded`: ' +
      'another line takes it out; `not-understood`; `other-module-name`: options for a name the module is not loaded under; `module-fails`: the module refuses its parameters.',
    example: 'overridden-by-later-line',
  })
  readonly reason!: OverriddenReason;
  @ApiProperty({
    description: 'The same in words, naming the line that wins where there is one.',
    example: '/etc/sysctl.d/99-zz-conntrack-api.conf, line 4, is read later.',
  })
  readonly detail!: string;
  @ApiProperty({ type: 'integer', required: false, description: 'The value it asks for, as far as it is a number.', example: 65_536 })
  readonly value?: number;
}
