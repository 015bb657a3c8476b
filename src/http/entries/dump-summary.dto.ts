import { ApiProperty } from '@nestjs/swagger';
import { DUMP_OUTCOMES, type DumpSummary } from '../../domain/entry.ts';

export class DumpSummaryDto implements DumpSummary {
  @ApiProperty({
    enum: [...DUMP_OUTCOMES],
    description:
      '`complete`: all matching entries were returned. `lossy`: some entries could not be parsed (`unparsed`). `truncated`: more entries matched than `limit` allows, or the table has more entries than `sample` allows to read. `resized`: the hash ' +
      'table was resized during the dump (also there and back), or the dump has far more or fewer entries than the kernel counted (see `reason`): entries may be missing or duplicated. `interrupted`: the dump ended early, see `reason`.',
    example: 'complete',
  })
  readonly outcome!: DumpSummary['outcome'];
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Number of matching entries in this response.', example: 1 })
  readonly entries!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Number of entries that the service read.', example: 104_001 })
  readonly scanned!: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Number of entries that could not be parsed. They are not returned.',
    example: 0,
  })
  readonly unparsed!: number;
  @ApiProperty({
    description: 'Source of the entries: `ctnetlink`, or the path of the kernel’s text dump if ctnetlink is not available.',
    example: 'ctnetlink',
  })
  readonly source!: string;
  @ApiProperty({
    type: 'boolean',
    description: 'Whether the kernel filtered out some of the entries that do not match. `scanned` does not count those.',
    example: false,
  })
  readonly filteredByKernel!: boolean;
  @ApiProperty({
    required: false,
    description:
      'Why the dump ended early, if `outcome` is `interrupted`. If it is `resized` because the number of entries deviates: the numbers. Otherwise absent.',
    example: 'the kernel module was unloaded',
  })
  readonly reason?: string;
}
