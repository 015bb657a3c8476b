import { ApiProperty } from '@nestjs/swagger';
import type { BootView } from '../../application/table/preview-boot.ts';
import type { Layout } from '../../domain/layout.ts';
import type { SettingValues } from '../../domain/setting.ts';
import { LAYOUTS, ResponseDto } from '../documents/response.dto.ts';
import { BootFindingDto } from './boot-finding.dto.ts';
import { BootLoadingDto } from './boot-loading.dto.ts';
import { BootSettingDto } from '../documents/boot-setting.dto.ts';

export class BootDifferenceDto {
  @ApiProperty({ description: 'Setting name: the sysctl key without its `nf_conntrack_` or `ip_conntrack_` prefix.', example: 'max' })
  readonly name!: string;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Live value, in the setting’s unit. Absent if it cannot be read.',
    example: 262_144,
  })
  readonly live?: number;
  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Value in the boot files that this service manages. Absent if they do not set it.',
    example: 262_144,
  })
  readonly persisted?: number;
  @ApiProperty({ type: 'integer', description: 'Value after the next boot, in the setting’s unit.', example: 65_536 })
  readonly atNextBoot!: number;
}

export class BootDto extends ResponseDto {
  @ApiProperty({
    enum: LAYOUTS,
    description: 'Conntrack implementation of this kernel: `nf_conntrack`, or `ip_conntrack` on old kernels.',
    example: 'nf_conntrack',
  })
  readonly layout!: Layout;
  @ApiProperty({
    description:
      'Whether conntrack is loaded now. If not, `live` is absent everywhere, and `settings` lists the settings that this service knows.',
    example: true,
  })
  readonly loaded!: boolean;
  @ApiProperty({ type: () => BootLoadingDto, description: 'How and when conntrack is loaded.' })
  readonly loading!: BootLoadingDto;
  @ApiProperty({
    type: () => BootDifferenceDto,
    isArray: true,
    description:
      'Settings whose value at the next boot differs from the live value or from the persisted one. Settings without a known value at the next boot are not listed here: see `settings`.',
  })
  readonly differences!: readonly BootDifferenceDto[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    description: 'Values in the boot files that this service manages, by setting name.',
    example: { buckets: 32_768, max: 131_072 },
  })
  readonly persisted!: SettingValues;
  @ApiProperty({ type: () => BootFindingDto, isArray: true, description: 'Findings about the next boot, most severe first.' })
  readonly findings!: readonly BootFindingDto[];
  @ApiProperty({
    type: () => BootSettingDto,
    isArray: true,
    description: 'Every setting of this kernel, and every other setting that a boot file sets, sorted by name.',
  })
  readonly settings!: readonly BootSettingDto[];

  static of({ preview, live, differences, persisted }: BootView): BootDto {
    const { layout, loading, settings, findings } = preview;
    return { layout, loaded: live.isLoaded ?? true, loading, differences, persisted, findings: inOrder(findings), settings };
  }
}

const MOST_SEVERE_FIRST = ['error', 'warning', 'information'];

function inOrder(findings: readonly BootFindingDto[]): readonly BootFindingDto[] {
  return [...findings].sort((a, b) => MOST_SEVERE_FIRST.indexOf(a.level) - MOST_SEVERE_FIRST.indexOf(b.level));
}
