import { ApiProperty } from '@nestjs/swagger';
import { EXAMPLES_MAX, type DeletionPlan } from '../../application/change/delete-entries.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { EntryDto } from '../documents/entry.dto.ts';

/** What a deletion would delete. */
export class DeletionPlanDto extends ResponseDto {
  @ApiProperty({ type: 'boolean', enum: [true], description: 'Nothing was deleted and nothing was recorded.', example: true })
  readonly dryRun!: true;
  @ApiProperty({ description: 'The filter as it was understood; `all`: every entry.', example: 'source=10.0.0.5 and protocol=udp' })
  readonly filter!: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Entries that match now: send it as `expectedCount` if they are those meant.',
    example: 1187,
  })
  readonly matchedCount!: number;
  @ApiProperty({ type: () => EntryDto, isArray: true, maxItems: EXAMPLES_MAX, description: 'The first of them, in order of id.' })
  readonly examples!: readonly EntryDto[];

  static of({ filter, matched, examples }: DeletionPlan): DeletionPlanDto {
    return { dryRun: true, filter, matchedCount: matched, examples };
  }
}
