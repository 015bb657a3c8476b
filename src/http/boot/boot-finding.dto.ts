import { ApiProperty } from '@nestjs/swagger';
import { BOOT_FINDING_CODES, type BootFinding, type BootFindingCode } from '../../domain/boot/boot-finding.ts';
import { FINDING_LEVELS, type FindingLevel } from '../../domain/finding-definition.ts';
import { BootLineDto } from '../documents/boot-line.dto.ts';

export class BootFindingDto implements BootFinding {
  @ApiProperty({ enum: [...BOOT_FINDING_CODES], description: 'Stable code, for programs.', example: 'SYSCTL_LOST_MODULE_LATE' })
  readonly code!: BootFindingCode;
  @ApiProperty({ enum: [...FINDING_LEVELS], description: 'Severity.', example: 'warning' })
  readonly level!: FindingLevel;
  @ApiProperty({
    description: 'The finding, with the values and files of this host.',
    example: 'Nothing loads nf_conntrack before sysctls are set, so its settings in sysctl.d are lost.',
  })
  readonly message!: string;
  @ApiProperty({
    required: false,
    description: 'What to do. Absent if nothing needs to be done.',
    example: 'Persist the settings with this service: it loads the module in time.',
  })
  readonly remedy?: string;
  @ApiProperty({
    type: 'string',
    isArray: true,
    description: 'Names of the affected settings. Empty if the finding concerns all of them or none.',
    example: ['max'],
  })
  readonly settings!: readonly string[];
  @ApiProperty({ type: () => BootLineDto, isArray: true, description: 'The configuration lines that cause it.' })
  readonly lines!: readonly BootLineDto[];
}
