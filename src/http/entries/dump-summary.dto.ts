import { ApiProperty } from '@nestjs/swagger';
import { DUMP_OUTCOMES, type DumpSummary } from '../../domain/entry.ts';

export class DumpSummaryDto implements DumpSummary {
  @ApiProperty({
    enum: [...DUMP_OUTCOMES],
    description:
      '`lossy`: some entries could not be understood (`unparsed`). `truncated`: more would have matched than `limit` asked for. `resized`: the number of ' +
      'buckets moved meanwhile, so entries may be missing or double. `interrupted`: it stopped short, see `reason`.',
    example: 'complete',
  })
  readonly outcome!: DumpSummary['outcome'];
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Entries that matched and are in this answer.', example: 1 })
  readonly entries!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Entries looked at.', example: 104_001 })
  readonly scanned!: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Entries of the kernel that could not be understood: counted, not shown.',
    example: 0,
  })
  readonly unparsed!: number;
  @ApiProperty({
    description: 'Where the entries came from: `ctnetlink`, or the file of the kernel’s text dump where ctnetlink is not to be had.',
    example: 'ctnetlink',
  })
  readonly source!: string;
  @ApiProperty({
    type: 'boolean',
    description: 'Whether the kernel itself left out entries that cannot match: `scanned` does not count those.',
    example: false,
  })
  readonly filteredByKernel!: boolean;
  @ApiProperty({
    required: false,
    description: 'Why the dump stopped short; present exactly when it was interrupted.',
    example: 'the kernel module was unloaded',
  })
  readonly reason?: string;
}
