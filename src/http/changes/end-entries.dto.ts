import { ApiProperty } from '@nestjs/swagger';
import type { DeletionTerms, EntrySelection } from '../../application/change/delete-entries.ts';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import { BLOCK_SECONDS, ENDED_MAX } from '../../domain/deletion.ts';
import { FILTER_LIMITS, parseFilter } from '../../domain/filter/parse-filter.ts';
import type { OwnConnection } from '../../domain/own-connection.ts';
import { isBoolean, isInteger, isListOf, matches } from '../input/checks.ts';
import { Expect, ExpectEach, Optional } from '../input/expect.decorator.ts';
import type { IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { COUNT_MAX, FlushEntriesDto, filterErrors, START } from './deletion.dto.ts';
import { ReasonDto } from './reason.dto.ts';

const ACKNOWLEDGEABLE = ['OWN_CONNECTION'] as const;
/** The longest id of an entry, of IPv6. */
const ID = /^[0-9a-f-]{1,128}$/;

export class EndEntriesDto extends ReasonDto {
  @ApiProperty({
    required: false,
    description: 'Id of the entry whose connection ends. Either this or `filter`.',
    example: '04060a000005c000020ac87c01bb030000-75e1dc5f',
  })
  @Expect('the id of an entry', matches(ID))
  @Optional()
  readonly entry?: string;

  @ApiProperty({
    required: false,
    description: '`startedAt` of the entry, as in `DELETE /api/v1/entries/{id}`. Only together with `entry`.',
    example: '2026-07-29T21:15:02.123456789Z',
  })
  @Expect('the startedAt of the entry, such as 2026-07-29T21:15:02.123456789Z', matches(START))
  @Optional()
  readonly startedAt?: string;

  @ApiProperty({
    required: false,
    minLength: 1,
    maxLength: FILTER_LIMITS.characters,
    description:
      'Entries whose connections end, in the filter language of `GET /api/v1/entries` (docs/filters.md). Either this or `entry`.',
    example: 'source=10.0.0.5 and destinationPort=443',
  })
  @ExpectEach(filterErrors)
  @Optional()
  readonly filter?: string;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1,
    maximum: ENDED_MAX,
    description: `End at most this many connections, in the order in which the kernel lists them. Required if more than ${ENDED_MAX} match. Only together with \`filter\`.`,
    example: 500,
  })
  @Expect(`an integer from 1 to ${ENDED_MAX}`, isInteger(1, ENDED_MAX))
  @Optional()
  readonly limit?: number;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 0,
    maximum: COUNT_MAX,
    description:
      'Number of entries you expect to match. If it differs from the number that match now by more than a tenth of that number, nothing is ended. Required with `filter`, unless `dryRun` is true.',
    example: 12,
  })
  @Expect(`an integer from 0 to ${COUNT_MAX}`, isInteger(0, COUNT_MAX))
  @Optional()
  readonly expectedCount?: number;

  @ApiProperty({
    type: 'integer',
    required: false,
    ...BLOCK_SECONDS,
    description:
      'Seconds for which the packets of the connections are rejected. A program that sends nothing in this time does not notice that its connection ended, unless it runs on this host: its next packet can begin the entry again.',
    example: 60,
  })
  @Expect(`an integer from ${BLOCK_SECONDS.minimum} to ${BLOCK_SECONDS.maximum}`, isInteger(BLOCK_SECONDS.minimum, BLOCK_SECONDS.maximum))
  @Optional()
  readonly blockSeconds?: number;

  @ApiProperty({
    enum: [...ACKNOWLEDGEABLE],
    isArray: true,
    required: false,
    description:
      '`OWN_CONNECTION`: also the connection over which this request arrives may end. Then no response can arrive: `GET /api/v1/changes` has the result.',
    example: [],
  })
  @Expect(`a list of ${ACKNOWLEDGEABLE.join(', ')}`, isListOf(ACKNOWLEDGEABLE))
  @Optional()
  readonly acknowledge?: readonly string[];

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description:
      'Return the number of matching entries and examples. The same checks apply; nothing is ended or recorded. Only together with `filter`.',
    example: false,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly dryRun?: boolean;

  /** @throws ConntrackError `INVALID_REQUEST` for fields that contradict each other, or a missing one */
  static toSelection(body: EndEntriesDto): EntrySelection | string {
    const { entry, filter, limit } = body;
    const errors = entry === undefined ? withFilter(body) : withEntry(body);
    if (errors.length > 0) {
      const message = errors.map(({ field, expected }) => `${field}: expected ${expected}.`).join(' ');
      throw new ConntrackError('INVALID_REQUEST', message, { errors });
    }
    return entry ?? { what: 'filter', filter: parseFilter(filter ?? ''), limit: limit ?? null };
  }

  /** @throws ConntrackError `INVALID_REQUEST` */
  static expectedIn({ expectedCount }: EndEntriesDto): number {
    return FlushEntriesDto.expectedIn({ ...(expectedCount !== undefined && { expectedCount }) });
  }

  /** @param own the connection of the request, if it has one */
  static toTerms(body: EndEntriesDto, idempotencyOf: IdempotencyOf, own: OwnConnection | undefined): DeletionTerms {
    const { startedAt, blockSeconds = BLOCK_SECONDS.default, acknowledge: acknowledged = [], reason = null } = body;
    const isSpared = own && !acknowledged.includes('OWN_CONNECTION');
    return {
      namespace: null,
      reason,
      idempotency: idempotencyOf(body),
      ...(startedAt !== undefined && { startedAt }),
      end: { blockSeconds, acknowledged, ...(isSpared && { spared: own }) },
    };
  }
}

function withEntry({ filter, limit, expectedCount, dryRun }: EndEntriesDto): readonly FieldError[] {
  const others = Object.entries({ filter, limit, expectedCount, dryRun: dryRun === true ? dryRun : undefined });
  return others.filter(([, value]) => value !== undefined).map(([field]) => ({ field, expected: 'no such field together with entry' }));
}

function withFilter({ filter, startedAt }: EndEntriesDto): readonly FieldError[] {
  if (filter === undefined) return [{ field: 'filter', expected: 'a filter, or the id of an entry in entry' }];
  return startedAt === undefined ? [] : [{ field: 'startedAt', expected: 'no such field without entry' }];
}
