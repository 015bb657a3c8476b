import { ApiProperty } from '@nestjs/swagger';
import type { UpdateSelection, UpdateTerms } from '../../application/change/update-entries.ts';
import type { LabelRef, RequestedUpdate } from '../../application/change/resolve-labels.ts';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import { ENTRY_TIMEOUT_MAX, LABEL_MAX, MARK_MAX, UPDATED_ENTRIES_MAX } from '../../domain/entry-update.ts';
import { FILTER_LIMITS, parseFilter } from '../../domain/filter/parse-filter.ts';
import { isBoolean, isInteger, isLine, matches } from '../input/checks.ts';
import { Expect, ExpectEach, Optional } from '../input/expect.decorator.ts';
import type { IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { COUNT_MAX, DeletionTermsDto, filterErrors, START } from './deletion.dto.ts';

const NAME_MAX_LENGTH = 128;
const LABELS = `numbers from 0 to ${LABEL_MAX}, or names in /etc/xtables/connlabel.conf, without repetition`;
const LABEL = {
  oneOf: [
    { type: 'integer' as const, minimum: 0, maximum: LABEL_MAX },
    { type: 'string' as const, minLength: 1, maxLength: NAME_MAX_LENGTH },
  ],
};
const LABEL_LIST = { type: 'array', uniqueItems: true, maxItems: LABEL_MAX + 1, required: false, items: LABEL } as const;

/** What to set, and the namespace and the reason as for a deletion. */
class UpdateDto extends DeletionTermsDto {
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: MARK_MAX,
    required: false,
    description:
      'Connection mark. With `markMask`, only the bits of the mask are set: new = (old AND NOT markMask) OR (mark AND markMask).',
    example: 16,
  })
  @Expect(`an integer from 0 to ${MARK_MAX}`, isInteger(0, MARK_MAX))
  @Optional()
  readonly mark?: number;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MARK_MAX,
    required: false,
    description: 'Bits of the mark to set. Default: all. Requires `mark`.',
    example: 255,
  })
  @Expect(`an integer from 1 to ${MARK_MAX}`, isInteger(1, MARK_MAX))
  @Optional()
  readonly markMask?: number;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: ENTRY_TIMEOUT_MAX,
    required: false,
    description:
      'Seconds until the entry expires if no packet follows; each packet of the flow sets the timeout again. Refused for an entry with a fixed timeout (FIXED_TIMEOUT) and for an offloaded flow. To end an entry, delete it.',
    example: 600,
  })
  @Expect(`an integer from 1 to ${ENTRY_TIMEOUT_MAX}; to end an entry, delete it`, isInteger(1, ENTRY_TIMEOUT_MAX))
  @Optional()
  readonly timeoutSeconds?: number;

  @ApiProperty({
    ...LABEL_LIST,
    description: `Labels that the entry has afterwards, and no others: numbers (0 to ${LABEL_MAX}), or names in \`/etc/xtables/connlabel.conf\`. An empty list removes all labels. Not together with \`addLabels\` and \`removeLabels\`. The kernel refuses labels (\`ENOSPC\`) for an entry that has no room for them: it adds it only to flows that begin while a firewall rule uses labels.`,
    example: [3, 64],
  })
  @Expect(`a list of ${LABELS}`, isLabelList(0))
  @Optional()
  readonly labels?: readonly LabelRef[];

  @ApiProperty({ ...LABEL_LIST, minItems: 1, description: 'Labels to add, as in `labels`. The others stay.', example: [5] })
  @Expect(`a list of one or more ${LABELS}`, isLabelList(1))
  @Optional()
  readonly addLabels?: readonly LabelRef[];

  @ApiProperty({ ...LABEL_LIST, minItems: 1, description: 'Labels to remove, as in `labels`. The others stay.', example: [9] })
  @Expect(`a list of one or more ${LABELS}`, isLabelList(1))
  @Optional()
  readonly removeLabels?: readonly LabelRef[];

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description: 'Return the plan only. The same checks apply; nothing is updated or recorded.',
    example: false,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly dryRun?: boolean;

  /** @throws ConntrackError `INVALID_REQUEST` for a request without an update, and for fields that contradict each other */
  static toUpdate({ mark, markMask, timeoutSeconds, labels, addLabels, removeLabels }: UpdateDto): RequestedUpdate {
    const update = { mark, markMask, timeoutSeconds, labels, addLabels, removeLabels };
    const errors: FieldError[] = [];
    if (Object.values(update).every((value) => value === undefined)) {
      errors.push({ field: '', expected: 'mark, timeoutSeconds, labels, addLabels or removeLabels' });
    }
    if (markMask !== undefined && mark === undefined) errors.push({ field: 'mark', expected: 'the value for the bits of markMask' });
    if (labels && (addLabels ?? removeLabels)) errors.push({ field: 'labels', expected: 'either labels, or addLabels and removeLabels' });
    if (errors.length > 0) {
      const sentences = errors.map(({ field, expected }) => (field === '' ? `Expected ${expected}.` : `${field}: expected ${expected}.`));
      throw new ConntrackError('INVALID_REQUEST', sentences.join(' '), { errors });
    }
    return Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined));
  }
}

export class UpdateEntryDto extends UpdateDto {
  @ApiProperty({
    required: false,
    description:
      '`startedAt` of the entry, exactly as it was returned. If the entry that has the id now began at another time, nothing is updated (`ENTRY_REPLACED`). ' +
      'Entries have it while the setting `timestamp` is 1.',
    example: '2026-07-29T21:15:02.123456789Z',
  })
  @Expect('the startedAt of the entry, such as 2026-07-29T21:15:02.123456789Z', matches(START))
  @Optional()
  readonly startedAt?: string;

  static toEntryTerms(body: UpdateEntryDto, idempotencyOf: IdempotencyOf): UpdateTerms {
    return { ...DeletionTermsDto.toTerms(body, idempotencyOf), ...(body.startedAt !== undefined && { startedAt: body.startedAt }) };
  }
}

export class UpdateEntriesDto extends UpdateDto {
  @ApiProperty({
    minLength: 1,
    maxLength: FILTER_LIMITS.characters,
    description: 'Entries to update, in the filter language of `GET /api/v1/entries` (docs/filters.md).',
    example: 'source=10.0.0.5 and protocol=udp',
  })
  @ExpectEach(filterErrors)
  readonly filter!: string;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 0,
    maximum: COUNT_MAX,
    description:
      'Number of entries you expect to match. If it differs from the number that match now by more than a tenth of that number, nothing is updated. Required unless `dryRun` is true.',
    example: 1200,
  })
  @Expect(`an integer from 0 to ${COUNT_MAX}`, isInteger(0, COUNT_MAX))
  @Optional()
  readonly expectedCount?: number;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1,
    maximum: UPDATED_ENTRIES_MAX,
    description: `Update at most this many of the matching entries, in the order of their ids. Required if more than ${UPDATED_ENTRIES_MAX} match: each updated entry is recorded, so that all can be rolled back.`,
    example: 500,
  })
  @Expect(`an integer from 1 to ${UPDATED_ENTRIES_MAX}`, isInteger(1, UPDATED_ENTRIES_MAX))
  @Optional()
  readonly limit?: number;

  /** @throws ConntrackError `INVALID_REQUEST` */
  static toSelection({ filter, limit, expectedCount, dryRun = false }: UpdateEntriesDto): UpdateSelection {
    const selection = { filter: parseFilter(filter), limit: limit ?? null, expected: expectedCount ?? null };
    if (selection.expected !== null || dryRun) return selection;
    throw new ConntrackError(
      'INVALID_REQUEST',
      'expectedCount: expected the number of entries that match. It confirms that the right entries are updated.',
      {
        errors: [{ field: 'expectedCount', expected: 'the number of entries that match' }],
        remedy: 'Send "dryRun": true first. The response has the number as matchedCount.',
      },
    );
  }
}

function isLabelList(minimum: number): (value: unknown) => boolean {
  const isLabel = (label: unknown): boolean => isInteger(0, LABEL_MAX)(label) || isLine(NAME_MAX_LENGTH)(label);
  return (value) => Array.isArray(value) && value.length >= minimum && value.every(isLabel) && new Set(value).size === value.length;
}
