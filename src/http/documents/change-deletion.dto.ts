import { ApiProperty } from '@nestjs/swagger';
import type { Change } from '../../domain/change.ts';
import { BLOCK_SECONDS, DELETION_KINDS, KEPT_ENTRIES_MAX, type DeletionKind } from '../../domain/deletion.ts';
import { EntryDto } from './entry.dto.ts';
import { entriesWithheldField, whyEntriesWithheld, type Reader } from './withheld-entries.ts';

const IDENTITIES = ['start-time', 'id'] as const;

const COUNT = { type: 'integer', minimum: 0 } as const;

/** What a deletion was asked to delete, and what it deleted. */
export class ChangeDeletionDto {
  @ApiProperty({
    enum: [...DELETION_KINDS],
    description: '`entry`: one entry; `filter`: entries that match a filter; `flush`: every entry of the namespace.',
    example: 'filter',
  })
  readonly what!: DeletionKind;
  @ApiProperty({ type: 'string', nullable: true, description: 'Network namespace. `null`: the namespace of the service.', example: null })
  readonly namespace!: string | null;
  @ApiProperty({
    enum: [...IDENTITIES],
    required: false,
    description:
      'What was compared before the entry was deleted. `start-time`: also the start time that the client sent, so it is the same flow. `id`: the tuple and the id. It cannot be excluded that ' +
      'the entry is a later flow of the same tuple, to which the kernel gave the same id. Present only if `what` is `entry`.',
    example: 'start-time',
  })
  readonly identity?: (typeof IDENTITIES)[number];
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
    description: 'Entry id. `null` unless `what` is `entry`. Absent if it is withheld (`entriesWithheld`).',
    example: null,
  })
  readonly entry?: string | null;
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
    description: 'Number of entries that the client expected. `null` if `what` is `entry`.',
    example: 1200,
  })
  readonly expectedCount!: number | null;
  @ApiProperty({
    ...COUNT,
    nullable: true,
    description: 'Number of entries that matched when the change was recorded. `null` if `what` is `entry`.',
    example: 1187,
  })
  readonly matchedCount!: number | null;
  @ApiProperty({
    ...COUNT,
    minimum: 1,
    nullable: true,
    description: 'Maximum number of entries to delete. `null`: no limit.',
    example: null,
  })
  readonly limit!: number | null;
  @ApiProperty({
    ...COUNT,
    required: false,
    description: 'Number of deleted entries. Absent while the change is pending, and if the number is unknown.',
    example: 1185,
  })
  readonly deletedCount?: number;
  @ApiProperty({
    ...COUNT,
    required: false,
    description: 'Number of entries that had already ended or been replaced by another flow. Absent if `deletedCount` is absent.',
    example: 2,
  })
  readonly goneCount?: number;
  @ApiProperty({
    type: () => EntryDto,
    isArray: true,
    required: false,
    description: `The first ${KEPT_ENTRIES_MAX} deleted entries, as they were. Absent if \`deletedCount\` is absent, if they are withheld (\`entriesWithheld\`), and in lists of changes.`,
  })
  readonly entries?: readonly EntryDto[];
  @ApiProperty({
    type: 'integer',
    minimum: BLOCK_SECONDS.minimum,
    maximum: BLOCK_SECONDS.maximum,
    required: false,
    description: 'Present if the connections were ended, too (`POST /api/v1/entries/end`): seconds for which their packets are rejected.',
    example: 60,
  })
  readonly blockSeconds?: number;
  @ApiProperty({
    ...COUNT,
    required: false,
    description: 'Number of destroyed sockets of this host. Present if `blockSeconds` and `deletedCount` are.',
    example: 1,
  })
  readonly destroyedSockets?: number;
  @ApiProperty({
    ...COUNT,
    required: false,
    description:
      'Number of entries that matched and were left alone, because the packets of their connections cannot be recognised: those of a zone, and of protocols without ports. Present if `destroyedSockets` is.',
    example: 0,
  })
  readonly skippedCount?: number;
  @ApiProperty(entriesWithheldField('`entry`, `filter`, `entries` and the message of a failure'))
  readonly entriesWithheld?: string;

  /** The `deletion` field of a change, if it has one. */
  static in(change: Change, reader: Reader): { readonly deletion?: ChangeDeletionDto } {
    if (!change.deletion) return {};
    const { what, namespace, entry, startedAt, filter, expected, matched, limit, blockSeconds } = change.deletion;
    const identity = what === 'entry' ? { identity: startedAt === undefined ? IDENTITIES[1] : IDENTITIES[0] } : {};
    const start = startedAt === undefined ? {} : { startedAt };
    const block = blockSeconds === undefined ? {} : { blockSeconds };
    const requested = { what, namespace, ...identity, ...start, expectedCount: expected, matchedCount: matched, limit, ...block };
    const done = change.outcome === 'pending' ? undefined : change.deleted;
    const ended = done?.ended && { destroyedSockets: done.ended.sockets, skippedCount: done.ended.skipped };
    const counts = done && { deletedCount: done.count, goneCount: done.gone, ...ended };
    const entriesWithheld = whyEntriesWithheld(reader);
    if (entriesWithheld !== undefined) return { deletion: { ...requested, ...counts, entriesWithheld } };
    return { deletion: { ...requested, entry, filter, ...counts, ...(done?.entries && { entries: done.entries }) } };
  }
}
