import { ApiProperty } from '@nestjs/swagger';
import type { Change } from '../../domain/change.ts';
import { DELETION_KINDS, KEPT_ENTRIES_MAX, type DeletionKind } from '../../domain/deletion.ts';
import { EntryDto } from './entry.dto.ts';

const COUNT = { type: 'integer', minimum: 0 } as const;

/** Which entries a change was to delete, and what became of that. */
export class ChangeDeletionDto {
  @ApiProperty({
    enum: [...DELETION_KINDS],
    description: '`entry`: exactly one; `filter`: those that matched; `flush`: every one of the namespace.',
    example: 'filter',
  })
  readonly what!: DeletionKind;
  @ApiProperty({ type: 'string', nullable: true, description: 'Network namespace; null: the service’s own.', example: null })
  readonly namespace!: string | null;
  @ApiProperty({ type: 'string', nullable: true, description: 'Id of the entry; null unless one entry was meant.', example: null })
  readonly entry!: string | null;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The filter as it was understood; null unless entries were selected by one.',
    example: 'source=10.0.0.5 and protocol=udp',
  })
  readonly filter!: string | null;
  @ApiProperty({ ...COUNT, nullable: true, description: 'Entries that the client expected; null where one was meant.', example: 1200 })
  readonly expectedCount!: number | null;
  @ApiProperty({
    ...COUNT,
    nullable: true,
    description: 'Entries that matched when the intent was recorded; null where one was meant.',
    example: 1187,
  })
  readonly matchedCount!: number | null;
  @ApiProperty({
    ...COUNT,
    minimum: 1,
    nullable: true,
    description: 'The most that were to be deleted; null: all that match.',
    example: null,
  })
  readonly limit!: number | null;
  @ApiProperty({
    ...COUNT,
    required: false,
    description: 'Entries that were deleted. Absent while the change is pending, and where nobody knows.',
    example: 1185,
  })
  readonly deletedCount?: number;
  @ApiProperty({
    ...COUNT,
    required: false,
    description: 'Entries that were gone by themselves, or another flow’s, when their turn came. Absent where `deletedCount` is.',
    example: 2,
  })
  readonly goneCount?: number;
  @ApiProperty({
    type: () => EntryDto,
    isArray: true,
    required: false,
    description: `The first ${KEPT_ENTRIES_MAX} of those that were deleted, as they were. Absent where \`deletedCount\` is, and in lists of changes.`,
  })
  readonly entries?: readonly EntryDto[];

  /** As the field of a change that has it. */
  static in(change: Change): { readonly deletion?: ChangeDeletionDto } {
    if (!change.deletion) return {};
    const { what, namespace, entry, filter, expected, matched, limit } = change.deletion;
    const asked = { what, namespace, entry, filter, expectedCount: expected, matchedCount: matched, limit };
    const done = change.outcome === 'pending' ? undefined : change.deleted;
    if (!done) return { deletion: asked };
    const { count, gone, entries } = done;
    return { deletion: { ...asked, deletedCount: count, goneCount: gone, ...(entries && { entries }) } };
  }
}
