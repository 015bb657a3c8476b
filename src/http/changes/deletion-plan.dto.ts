import { ApiProperty } from '@nestjs/swagger';
import { EXAMPLES_MAX, type DeletionPlan } from '../../application/change/delete-entries.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { EntryDto } from '../documents/entry.dto.ts';
import { entriesWithheldField, whyEntriesWithheld, type Reader } from '../documents/withheld-entries.ts';

/** Dry run of a deletion. */
export class DeletionPlanDto extends ResponseDto {
  @ApiProperty({ type: 'boolean', enum: [true], description: 'Nothing was deleted or recorded.', example: true })
  readonly dryRun!: true;
  @ApiProperty({ description: 'The filter in canonical form. `all` matches every entry.', example: 'source=10.0.0.5 and protocol=udp' })
  readonly filter!: string;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Number of entries that match now. Send it as `expectedCount` to delete them.',
    example: 1187,
  })
  readonly matchedCount!: number;
  @ApiProperty({
    type: () => EntryDto,
    isArray: true,
    required: false,
    maxItems: EXAMPLES_MAX,
    description: 'The first matching entries, sorted by id. Absent if they are withheld (`entriesWithheld`).',
  })
  readonly examples?: readonly EntryDto[];
  @ApiProperty(entriesWithheldField('`examples`'))
  readonly entriesWithheld?: string;

  static of({ filter, matched, examples }: DeletionPlan, reader: Reader): DeletionPlanDto {
    const entriesWithheld = whyEntriesWithheld(reader);
    return { dryRun: true, filter, matchedCount: matched, ...(entriesWithheld === undefined ? { examples } : { entriesWithheld }) };
  }
}
