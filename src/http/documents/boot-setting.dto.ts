import { ApiProperty } from '@nestjs/swagger';
import { BOOT_ORIGINS, type BootOrigin, type BootSetting } from '../../domain/boot/boot-result.ts';
import { BootLineDto, OverriddenLineDto } from './boot-line.dto.ts';

export class ProcpsValueDto {
  @ApiProperty({ type: 'integer', required: false, description: 'The value; absent where procps would set none.', example: 65_536 })
  readonly value?: number;
  @ApiProperty({ type: () => BootLineDto, required: false, description: 'The line that decides; absent where none does.' })
  readonly effective?: BootLineDto;
}

export class BootSettingDto implements BootSetting {
  @ApiProperty({ description: 'The kernel’s name without its prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'The value after the next boot and the first firewall rule, as the kernel will report it. Absent where it cannot be told.',
    example: 131_072,
  })
  readonly value?: number;
  @ApiProperty({
    enum: [...BOOT_ORIGINS],
    description:
      'What decides it: a line of a `file` or a parameter of the `command-line`, both named by `effective`; `derived`: max that follows from a hashsize given when the module loads (8 x buckets); ' +
      '`kernel-default`: nothing does; `unknown`: a finding says why.',
    example: 'file',
  })
  readonly origin!: BootOrigin;
  @ApiProperty({ type: () => BootLineDto, required: false, description: 'The line that decides; absent where none does.' })
  readonly effective?: BootLineDto;
  @ApiProperty({ type: () => OverriddenLineDto, isArray: true, description: 'Every other line that asks for it, and why it loses.' })
  readonly overridden!: readonly OverriddenLineDto[];
  @ApiProperty({
    type: () => ProcpsValueDto,
    required: false,
    description: 'What `sysctl --system` of procps would set from the same files; present only where that is another value.',
  })
  readonly procps?: ProcpsValueDto;
}
