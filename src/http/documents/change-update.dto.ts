import { ApiProperty } from '@nestjs/swagger';
import type { Change } from '../../domain/change.ts';
import {
  UPDATE_KINDS,
  UPDATED_ENTRIES_MAX,
  type EntryUpdateRequest,
  type UpdatedEntries,
  type UpdateKind,
} from '../../domain/entry-update.ts';
import { EntryValuesDto, SkippedEntryDto, stateOf, UpdatedEntryDto } from './entry-update.dto.ts';
import { entriesWithheldField, whyEntriesWithheld, type Reader } from './withheld-entries.ts';

const COUNT = { type: 'integer', minimum: 0 } as const;
const DONE = { ...COUNT, required: false } as const;
const KNOWN = 'Absent while the change is pending, and if the number is unknown.';

/** What an update of entries was asked to set, and its result for each entry. */
export class ChangeUpdateDto {
  @ApiProperty({
    enum: [...UPDATE_KINDS],
    description: '`entry`: one entry; `filter`: entries that match a filter; `rollback`: entries of the change in `rollbackOf`.',
    example: 'filter',
  })
  readonly what!: UpdateKind;
  @ApiProperty({
    type: () => EntryValuesDto,
    nullable: true,
    description: 'What was to be set in each entry. `null` for a rollback: see `requested` of each entry.',
  })
  readonly requested!: EntryValuesDto | null;
  @ApiProperty({
    required: false,
    description: 'Start time of the entry that the client sent. Absent if it sent none.',
    example: '2026-07-29T21:15:02.123456789Z',
  })
  readonly startedAt?: string;
  @ApiProperty({
    type: 'string',
    nullable: true,
    required: false,
    description: 'The filter in canonical form. `null` unless `what` is `filter`. Absent if it is withheld (`entriesWithheld`).',
    example: 'source=10.0.0.5 and protocol=udp',
  })
  readonly filter?: string | null;
  @ApiProperty({
    ...COUNT,
    nullable: true,
    description: 'Number of entries that the client expected. `null` unless `what` is `filter`.',
    example: 1200,
  })
  readonly expectedCount!: number | null;
  @ApiProperty({
    ...COUNT,
    nullable: true,
    description: 'Number of entries that matched when the change was recorded. `null` unless `what` is `filter`.',
    example: 1187,
  })
  readonly matchedCount!: number | null;
  @ApiProperty({
    ...COUNT,
    minimum: 1,
    nullable: true,
    description: 'Maximum number of entries to update. `null`: no limit.',
    example: null,
  })
  readonly limit!: number | null;
  @ApiProperty({ ...COUNT, description: 'Number of entries that the change names: those to update.', example: 1000 })
  readonly selectedCount!: number;
  @ApiProperty({ ...DONE, description: `Number of entries that have the requested values now. ${KNOWN}`, example: 990 })
  readonly updatedCount?: number;
  @ApiProperty({ ...DONE, description: `Number of entries that had the requested values already. ${KNOWN}`, example: 5 })
  readonly unchangedCount?: number;
  @ApiProperty({ ...DONE, description: `Number of entries that had ended or been replaced by another flow. ${KNOWN}`, example: 2 })
  readonly goneCount?: number;
  @ApiProperty({ ...DONE, description: `Number of entries for which the update was refused. ${KNOWN}`, example: 3 })
  readonly refusedCount?: number;
  @ApiProperty({
    ...DONE,
    description: `Number of entries that have other values, although the kernel accepted the update. ${KNOWN}`,
    example: 0,
  })
  readonly notEffectiveCount?: number;
  @ApiProperty({
    type: () => UpdatedEntryDto,
    isArray: true,
    required: false,
    maxItems: UPDATED_ENTRIES_MAX,
    description: 'All entries of the update, before and after. Absent if they are withheld (`entriesWithheld`), and in lists of changes.',
  })
  readonly entries?: readonly UpdatedEntryDto[];
  @ApiProperty({
    type: () => SkippedEntryDto,
    isArray: true,
    required: false,
    maxItems: UPDATED_ENTRIES_MAX,
    description:
      'Of a rollback: the entries that it left alone, and why. Absent for other updates, if they are withheld, and in lists of changes.',
  })
  readonly skipped?: readonly SkippedEntryDto[];
  @ApiProperty(entriesWithheldField('`filter`, `entries`, `skipped` and the message of a failure'))
  readonly entriesWithheld?: string;

  /** The `update` field of a change, if it has one. */
  static in(change: Change, reader: Reader): { readonly update?: ChangeUpdateDto } {
    if (!change.update) return {};
    const { what, update, startedAt, filter, expected, matched, limit, selected } = change.update;
    const done = change.outcome === 'pending' ? undefined : change.updated;
    const shown = {
      what,
      requested: update,
      ...(startedAt !== undefined && { startedAt }),
      ...{ expectedCount: expected, matchedCount: matched, limit, selectedCount: selected },
      ...countsOf(done),
    };
    const entriesWithheld = whyEntriesWithheld(reader);
    if (entriesWithheld !== undefined) return { update: { ...shown, entriesWithheld } };
    return { update: { ...shown, filter, ...entriesOf(change.update, done) } };
  }
}

function countsOf(done: UpdatedEntries | undefined): Partial<ChangeUpdateDto> {
  if (!done) return {};
  const { updated, unchanged, gone, refused, 'not-effective': notEffective } = done.counts;
  return { updatedCount: updated, unchangedCount: unchanged, goneCount: gone, refusedCount: refused, notEffectiveCount: notEffective };
}

function entriesOf({ entries, skipped }: EntryUpdateRequest, done: UpdatedEntries | undefined): Partial<ChangeUpdateDto> {
  return {
    ...(entries && {
      entries: entries.map(({ entry, update }, index): UpdatedEntryDto => {
        const { result, after, failure } = done?.entries?.[index] ?? {};
        return {
          entry,
          ...(result && { result }),
          ...(update && { requested: update }),
          before: stateOf(entry),
          ...(after && { after }),
          ...failure,
        };
      }),
    }),
    ...(skipped && { skipped }),
  };
}
