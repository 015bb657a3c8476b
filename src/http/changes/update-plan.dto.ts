import { ApiProperty } from '@nestjs/swagger';
import {
  foreseenRefusal,
  isInEffect,
  stateAfter,
  targetsOf,
  UPDATED_ENTRIES_MAX,
  type EntryUpdateRequest,
} from '../../domain/entry-update.ts';
import { EntryDto } from '../documents/entry.dto.ts';
import { EntryStateDto, stateOf } from '../documents/entry-update.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { entriesWithheldField, whyEntriesWithheld, type Reader } from '../documents/withheld-entries.ts';

const EXAMPLES_MAX = 10;
const COUNT = { type: 'integer', minimum: 0, maximum: UPDATED_ENTRIES_MAX } as const;

export class PlannedEntryDto {
  @ApiProperty({ type: () => EntryDto, description: 'The entry as it is.' })
  readonly entry!: EntryDto;
  @ApiProperty({ type: () => EntryStateDto, description: 'Mark, timeout and labels that it would have.' })
  readonly after!: EntryStateDto;
  @ApiProperty({
    required: false,
    description: 'Why the update would be refused, as far as it can be known. Absent if no reason is known.',
    example: 'the timeout of the entry is fixed (FIXED_TIMEOUT)',
  })
  readonly refused?: string;
}

/** Dry run of an update of entries. */
export class UpdatePlanDto extends ResponseDto {
  @ApiProperty({ type: 'boolean', enum: [true], description: 'Nothing was updated or recorded.', example: true })
  readonly dryRun!: true;
  @ApiProperty({
    type: 'string',
    nullable: true,
    required: false,
    description: 'The filter in canonical form. `null` if the update names one entry. Absent if it is withheld (`entriesWithheld`).',
    example: 'source=10.0.0.5 and protocol=udp',
  })
  readonly filter?: string | null;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    description: 'Number of entries that match now. Send it as `expectedCount` to update them.',
    example: 187,
  })
  readonly matchedCount!: number;
  @ApiProperty({ ...COUNT, description: 'Number of entries that would be named: those that match, up to `limit`.', example: 187 })
  readonly selectedCount!: number;
  @ApiProperty({ ...COUNT, description: 'Of these, the number that have the requested values already.', example: 5 })
  readonly unchangedCount!: number;
  @ApiProperty({
    ...COUNT,
    description:
      'Of these, the number that would be refused for a reason that can be known: a fixed timeout, an offloaded flow. Whether an entry has room for labels is known only when they are set.',
    example: 0,
  })
  readonly refusedCount!: number;
  @ApiProperty({
    type: () => PlannedEntryDto,
    isArray: true,
    required: false,
    maxItems: EXAMPLES_MAX,
    description: 'The first entries, sorted by id, as they are and as they would be. Absent if they are withheld (`entriesWithheld`).',
  })
  readonly examples?: readonly PlannedEntryDto[];
  @ApiProperty(entriesWithheldField('`filter` and `examples`'))
  readonly entriesWithheld?: string;

  static of(request: EntryUpdateRequest, reader: Reader): UpdatePlanDto {
    const targets = targetsOf(request);
    const planned = (request.entries ?? []).map(({ entry }, index) => {
      const update = targets[index]?.update ?? {};
      const refused = foreseenRefusal(entry, update)?.message;
      const after = stateOf(stateAfter(entry, update));
      return { isInEffect: isInEffect(entry, update), shown: { entry, after, ...(refused !== undefined && { refused }) } };
    });
    const entriesWithheld = whyEntriesWithheld(reader);
    return {
      dryRun: true,
      matchedCount: request.matched ?? request.selected,
      selectedCount: request.selected,
      unchangedCount: planned.filter((each) => each.isInEffect).length,
      refusedCount: planned.filter(({ shown }) => shown.refused !== undefined).length,
      ...(entriesWithheld === undefined
        ? { filter: request.filter, examples: planned.slice(0, EXAMPLES_MAX).map(({ shown }) => shown) }
        : { entriesWithheld }),
    };
  }
}
