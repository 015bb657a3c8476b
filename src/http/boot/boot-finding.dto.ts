import { ApiProperty } from '@nestjs/swagger';
import { BOOT_FINDING_CODES, type BootFinding, type BootFindingCode } from '../../domain/boot/boot-finding.ts';
import { FINDING_LEVELS, type FindingLevel } from '../../domain/finding-definition.ts';
import { BootLineDto } from '../documents/boot-line.dto.ts';

export class BootFindingDto implements BootFinding {
  @ApiProperty({ enum: [...BOOT_FINDING_CODES], description: 'Stable, for programs.', example: 'SYSCTL_LOST_MODULE_LATE' })
  readonly code!: BootFindingCode;
  @ApiProperty({ enum: [...FINDING_LEVELS], description: 'How bad it is.', example: 'warning' })
  readonly level!: FindingLevel;
  @ApiProperty({
    description: 'What it is, with the figures and files of this host.',
    example: 'Nothing loads nf_conntrack before sysctls are set: what sysctl.d asks of it is lost.',
  })
  readonly message!: string;
  @ApiProperty({
    required: false,
    description: 'What can be done about it; absent where nothing need be.',
    example: 'Persist through this service: it has the module loaded in time.',
  })
  readonly remedy?: string;
  @ApiProperty({
    type: 'string',
    isArray: true,
    description: 'Names of the settings it is about; empty where it is about all or none.',
    example: ['max'],
  })
  readonly settings!: readonly string[];
  @ApiProperty({ type: () => BootLineDto, isArray: true, description: 'The lines it comes from.' })
  readonly lines!: readonly BootLineDto[];
}
