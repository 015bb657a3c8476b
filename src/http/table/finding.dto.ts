import { ApiProperty } from '@nestjs/swagger';
import { FINDING_LEVELS, type FindingLevel } from '../../domain/finding-definition.ts';
import { TABLE_FINDING_CODES, type NotChecked, type TableFinding, type TableFindingCode } from '../../domain/findings/table-finding.ts';

export class TableFindingDto implements TableFinding {
  @ApiProperty({
    enum: [...TABLE_FINDING_CODES],
    description: 'Stable, for programs; docs/findings.md has all.',
    example: 'TABLE_NEARLY_FULL',
  })
  readonly code!: TableFindingCode;
  @ApiProperty({ enum: [...FINDING_LEVELS], description: '`error`: traffic is lost, or soon will be.', example: 'warning' })
  readonly level!: FindingLevel;
  @ApiProperty({
    description: 'What is so, with the figures of this host.',
    example: '222823 of 262144 entries are in use: 85.0 %. At 100 % new flows are dropped.',
  })
  readonly message!: string;
  @ApiProperty({ description: 'What to do.', example: 'Raise max (GET /table/sizing says to what), or see who fills the table.' })
  readonly remedy!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number' },
    description: 'The numbers it rests on: entries, buckets, seconds, events by the kernel’s column names.',
    example: { count: 222_823, max: 262_144, utilisation: 0.85 },
  })
  readonly evidence!: Readonly<Record<string, number>>;
}

export class NotCheckedDto implements NotChecked {
  @ApiProperty({
    enum: [...TABLE_FINDING_CODES],
    isArray: true,
    description: 'What could not be looked for.',
    example: ['ORPHANED_ESTABLISHED'],
  })
  readonly codes!: readonly TableFindingCode[];
  @ApiProperty({ description: 'Why.', example: 'It needs a pass over the table, which is made on request only.' })
  readonly reason!: string;
}
