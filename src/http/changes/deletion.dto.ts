import { ApiProperty } from '@nestjs/swagger';
import type { DeletionTerms, EntrySelection } from '../../application/change/delete-entries.ts';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import { EVERY_ENTRY } from '../../domain/filter/filter.ts';
import { FilterSyntaxError } from '../../domain/filter/filter-syntax-error.ts';
import { FILTER_LIMITS, parseFilter } from '../../domain/filter/parse-filter.ts';
import { ReasonDto } from './reason.dto.ts';
import { isBoolean, isInteger, matches, NAMESPACE_NAME } from '../input/checks.ts';
import { Expect, ExpectEach, Optional } from '../input/expect.decorator.ts';
import { foundIn } from '../input/printable.ts';
import type { IdempotencyOf } from '../preconditions/conditions.decorator.ts';

/** More entries than any table can hold. */
export const COUNT_MAX = 2_147_483_647;

/** The namespace and the reason of a deletion. */
export class DeletionTermsDto extends ReasonDto {
  @ApiProperty({
    required: false,
    maxLength: 255,
    description:
      'Name of a network namespace of this host. Default: the namespace of the service. Requires that the service runs with `--namespaces`.',
    example: 'blue',
  })
  @Expect('the name of a network namespace', matches(NAMESPACE_NAME))
  @Optional()
  readonly namespace?: string;

  static toTerms(body: DeletionTermsDto, idempotencyOf: IdempotencyOf): DeletionTerms {
    return { namespace: body.namespace ?? null, reason: body.reason ?? null, idempotency: idempotencyOf(body) };
  }
}

export const START = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

export class DeleteEntryDto extends DeletionTermsDto {
  @ApiProperty({
    required: false,
    description:
      '`startedAt` of the entry, exactly as it was returned. If the entry that has the id now began at another time, nothing is deleted (`ENTRY_REPLACED`). ' +
      'Only this excludes a later flow of the same addresses and ports, to which the kernel can give the same id. Entries have it while the setting `timestamp` is 1.',
    example: '2026-07-29T21:15:02.123456789Z',
  })
  @Expect('the startedAt of the entry, such as 2026-07-29T21:15:02.123456789Z', matches(START))
  @Optional()
  readonly startedAt?: string;

  static toEntryTerms(body: DeleteEntryDto, idempotencyOf: IdempotencyOf): DeletionTerms {
    return { ...DeleteEntryDto.toTerms(body, idempotencyOf), ...(body.startedAt !== undefined && { startedAt: body.startedAt }) };
  }
}

export class FlushEntriesDto extends DeletionTermsDto {
  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 0,
    maximum: COUNT_MAX,
    description:
      'Number of entries you expect to match. If it differs from the number that match now by more than a tenth of that number, nothing is deleted. Required unless `dryRun` is true.',
    example: 1200,
  })
  @Expect(`an integer from 0 to ${COUNT_MAX}`, isInteger(0, COUNT_MAX))
  @Optional()
  readonly expectedCount?: number;

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description: 'Return the number of matching entries and examples. The same checks apply; nothing is deleted or recorded.',
    example: false,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly dryRun?: boolean;

  static toSelection(): EntrySelection {
    return { what: 'flush', filter: EVERY_ENTRY, limit: null };
  }

  /** @throws ConntrackError `INVALID_REQUEST` */
  static expectedIn({ expectedCount }: FlushEntriesDto): number {
    if (expectedCount !== undefined) return expectedCount;
    throw new ConntrackError(
      'INVALID_REQUEST',
      'expectedCount: expected the number of entries that match. It confirms that the right entries are deleted.',
      {
        errors: [{ field: 'expectedCount', expected: 'the number of entries that match' }],
        remedy: 'Send "dryRun": true first. The response has the number as matchedCount.',
      },
    );
  }
}

export class DeleteEntriesDto extends FlushEntriesDto {
  @ApiProperty({
    minLength: 1,
    maxLength: FILTER_LIMITS.characters,
    description: 'Entries to delete, in the filter language of `GET /api/v1/entries` (docs/filters.md).',
    example: 'source=10.0.0.5 and protocol=udp',
  })
  @ExpectEach(filterErrors)
  readonly filter!: string;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1,
    maximum: COUNT_MAX,
    description: 'Delete at most this many of the matching entries, in the order in which the kernel lists them.',
    example: 500,
  })
  @Expect(`an integer from 1 to ${COUNT_MAX}`, isInteger(1, COUNT_MAX))
  @Optional()
  readonly limit?: number;

  static toMatching({ filter, limit }: DeleteEntriesDto): EntrySelection {
    return { what: 'filter', filter: parseFilter(filter), limit: limit ?? null };
  }
}

export function filterErrors(field: string, value: unknown): readonly FieldError[] {
  if (typeof value !== 'string') return [{ field, expected: 'a filter, such as source=10.0.0.5 and protocol=udp', ...foundIn(value) }];
  try {
    parseFilter(value);
    return [];
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return [{ field, expected: `${error.expected} at position ${error.position}`, found: error.found }];
  }
}
