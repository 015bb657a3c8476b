import { ApiProperty } from '@nestjs/swagger';
import {
  ENTRY_TIMEOUT_MAX,
  LABEL_MAX,
  MARK_MAX,
  SKIP_REASONS,
  UPDATE_RESULTS,
  type EntryState,
  type EntryUpdate,
  type SkippedEntry,
  type SkipReason,
  type UpdateResult,
} from '../../domain/entry-update.ts';
import { EntryDto } from './entry.dto.ts';

const LABELS = { type: 'integer', minimum: 0, maximum: LABEL_MAX, isArray: true, required: false } as const;
const MARK = { type: 'integer', minimum: 0, maximum: MARK_MAX, required: false } as const;

/** The fields of an entry that an update can set. */
export class EntryStateDto implements EntryState {
  @ApiProperty({ ...MARK, description: 'Connection mark. Absent if the kernel has none.', example: 16 })
  readonly mark?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    required: false,
    description: 'Seconds until the entry expires. Absent for offloaded flows.',
    example: 600,
  })
  readonly timeoutSeconds?: number;
  @ApiProperty({ ...LABELS, description: 'Numbers of the labels that are set. Absent if there are none.', example: [3, 64] })
  readonly labels?: readonly number[];
}

/** What an update sets. Fields that it leaves alone are absent. */
export class EntryValuesDto implements EntryUpdate {
  @ApiProperty({ ...MARK, description: 'Connection mark.', example: 16 })
  readonly mark?: number;
  @ApiProperty({ ...MARK, description: 'Bits of the mark that are set. Absent: all.', example: 255 })
  readonly markMask?: number;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: ENTRY_TIMEOUT_MAX,
    required: false,
    description: 'Seconds until the entry expires if no packet follows.',
    example: 600,
  })
  readonly timeoutSeconds?: number;
  @ApiProperty({ ...LABELS, description: 'Labels that the entry has afterwards, and no others.', example: [3, 64] })
  readonly labels?: readonly number[];
  @ApiProperty({ ...LABELS, description: 'Labels that are added.', example: [5] })
  readonly addLabels?: readonly number[];
  @ApiProperty({ ...LABELS, description: 'Labels that are removed.', example: [9] })
  readonly removeLabels?: readonly number[];
}

/** One entry of an update. */
export class UpdatedEntryDto {
  @ApiProperty({ type: () => EntryDto, description: 'The entry as it was before.' })
  readonly entry!: EntryDto;
  @ApiProperty({
    enum: [...UPDATE_RESULTS],
    required: false,
    description:
      '`updated`: it has the requested values. `unchanged`: it had them already. `gone`: it ended before, or another flow has its tuple now. `refused`: nothing was set (see `errno` and `message`); labels are set first, so an entry whose labels are refused keeps its mark and timeout. ' +
      '`not-effective`: the kernel accepted the update, and the entry has other values. Absent while the change is pending, and if it is not known.',
    example: 'updated',
  })
  readonly result?: UpdateResult;
  @ApiProperty({
    type: () => EntryValuesDto,
    required: false,
    description: 'What a rollback sets in this entry. Absent for other updates.',
  })
  readonly requested?: EntryValuesDto;
  @ApiProperty({ type: () => EntryStateDto, description: 'Mark, timeout and labels before the update.' })
  readonly before!: EntryStateDto;
  @ApiProperty({
    type: () => EntryStateDto,
    required: false,
    description: 'Mark, timeout and labels as they were read back. Absent if the entry is gone, and while the change is pending.',
  })
  readonly after?: EntryStateDto;
  @ApiProperty({ required: false, description: 'The errno with which the kernel refused the update.', example: 'ENOSPC' })
  readonly errno?: string;
  @ApiProperty({
    required: false,
    description: 'Why the update was refused or is not effective.',
    example: 'the timeout of the entry is fixed (FIXED_TIMEOUT)',
  })
  readonly message?: string;
}

export const SKIPPED =
  '`gone`: it ended, or another flow has its tuple now. `changed`: its mark or labels were changed since (`force` overwrites them). `timeout-changed`: only its timeout was updated, and a packet or another writer has set it since. ' +
  '`restored`: it has the values from before already. `not-updated`: the change altered nothing in it.';

export class SkippedEntryDto implements SkippedEntry {
  @ApiProperty({ description: 'Entry id.', example: '04060a000005c000020ac87c01bb030000-75e1dc5f' })
  readonly id!: string;
  @ApiProperty({ enum: [...SKIP_REASONS], description: `Why the rollback leaves it alone. ${SKIPPED}`, example: 'gone' })
  readonly reason!: SkipReason;
}

export function stateOf({ mark, timeoutSeconds, labels }: EntryState): EntryStateDto {
  return {
    ...(mark !== undefined && { mark }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(labels && { labels }),
  };
}
