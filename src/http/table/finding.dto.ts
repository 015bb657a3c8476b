import { ApiProperty } from '@nestjs/swagger';
import { FINDING_LEVELS, type FindingLevel } from '../../domain/finding-definition.ts';
import { TABLE_FINDING_CODES, type NotChecked, type TableFinding, type TableFindingCode } from '../../domain/findings/table-finding.ts';

export class TableFindingDto implements TableFinding {
  @ApiProperty({
    enum: [...TABLE_FINDING_CODES],
    description: 'Stable code, for programs. docs/findings.md explains each code.',
    example: 'TABLE_NEARLY_FULL',
  })
  readonly code!: TableFindingCode;
  @ApiProperty({ enum: [...FINDING_LEVELS], description: 'Severity. `error`: traffic is being lost, or will be soon.', example: 'warning' })
  readonly level!: FindingLevel;
  @ApiProperty({
    description: 'The finding, with the values of this host.',
    example: '222823 of 262144 entries are in use: 85.0 %. At 100 % new flows are dropped.',
  })
  readonly message!: string;
  @ApiProperty({
    description: 'What to do.',
    example: 'Raise max (GET /table/sizing recommends a value). GET /entries/summary shows what fills the table.',
  })
  readonly remedy!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number' },
    description: 'Numbers behind the finding: entries, buckets, seconds, or events by the kernel’s column names.',
    example: { count: 222_823, max: 262_144, utilisation: 0.85 },
  })
  readonly evidence!: Readonly<Record<string, number>>;
}

export class NotCheckedDto implements NotChecked {
  @ApiProperty({
    enum: [...TABLE_FINDING_CODES],
    isArray: true,
    description: 'Codes of the findings that were not checked.',
    example: ['ORPHANED_ESTABLISHED'],
  })
  readonly codes!: readonly TableFindingCode[];
  @ApiProperty({ description: 'Why they were not checked.', example: 'It needs a pass over the table, which is made on request only.' })
  readonly reason!: string;
}
