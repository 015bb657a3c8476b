import { ApiProperty } from '@nestjs/swagger';
import type { BootView } from '../../application/table/preview-boot.ts';
import type { Layout } from '../../domain/layout.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { LAYOUTS, ResponseDto } from '../documents/response.dto.ts';
import { BootFindingDto } from './boot-finding.dto.ts';
import { BootLoadingDto } from './boot-loading.dto.ts';
import { BootSettingDto } from '../documents/boot-setting.dto.ts';

export class BootDifferenceDto {
  @ApiProperty({ description: 'The kernel’s name without its prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({ type: 'integer', required: false, description: 'Live value; absent where it cannot be read.', example: 262_144 })
  readonly live?: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'What this service’s own boot files ask for; absent when they ask for nothing.',
    example: 262_144,
  })
  readonly persisted?: number;
  @ApiProperty({ type: 'integer', description: 'Value after the next boot.', example: 65_536 })
  readonly atNextBoot!: number;
}

export class BootDto extends ResponseDto {
  @ApiProperty({ enum: LAYOUTS, description: 'Which generation of connection tracking this kernel has.', example: 'nf_conntrack' })
  readonly layout!: Layout;
  @ApiProperty({ type: () => BootLoadingDto, description: 'How connection tracking comes up.' })
  readonly loading!: BootLoadingDto;
  @ApiProperty({
    type: () => BootDifferenceDto,
    isArray: true,
    description:
      'What a reboot would change, and what would not be as this service persisted it. Settings whose value at the next boot is not known are not among them: see `settings`.',
  })
  readonly differences!: readonly BootDifferenceDto[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'What this service’s own boot files ask for, by settings name.',
    example: { buckets: 32_768, max: 131_072 },
  })
  readonly persisted!: SettingValues;
  @ApiProperty({ type: () => BootFindingDto, isArray: true, description: 'What is remarkable, the worst first.' })
  readonly findings!: readonly BootFindingDto[];
  @ApiProperty({
    type: () => BootSettingDto,
    isArray: true,
    description: 'Every setting the kernel has, and every other that a line asks for, by name.',
  })
  readonly settings!: readonly BootSettingDto[];

  static of({ preview, differences, persisted }: BootView): BootDto {
    const { layout, loading, settings, findings } = preview;
    return { layout, loading, differences, persisted, findings: inOrder(findings), settings };
  }
}

const GRAVEST_FIRST = ['error', 'warning', 'information'];

function inOrder(findings: readonly BootFindingDto[]): readonly BootFindingDto[] {
  return [...findings].sort((a, b) => GRAVEST_FIRST.indexOf(a.level) - GRAVEST_FIRST.indexOf(b.level));
}
