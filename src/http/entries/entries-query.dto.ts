import { ApiProperty } from '@nestjs/swagger';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { isDecimal, isOneOf, matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { foundIn } from '../input/printable.ts';
import { EntryFilterDto } from './entry-filter.dto.ts';

const PAGE_PARAMETERS = ['cursor', 'count'] as const;
export const PAGE_LIMIT_MAX = 1000;
const STREAM_LIMIT_MAX = 2_147_483_647;

/** Query parameters are text. */
export class EntriesQueryDto extends EntryFilterDto {
  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: STREAM_LIMIT_MAX,
    description:
      'Entries on a page, up to 1000 (JSON; 100 unless told), or in a stream, whose last record then says `truncated` when there would have been more.',
    example: 100,
  })
  @Expect(`an integer from 1 to ${STREAM_LIMIT_MAX}`, isDecimal(1, STREAM_LIMIT_MAX))
  @Optional()
  readonly limit?: string;

  @ApiProperty({
    required: false,
    description: '`nextCursor` of the page before; the filters must be the same. JSON only: a stream has no pages.',
    example: 'WzEsIlBxSzJ2N2gxUW1YczBhTnUiLCJpcHY0LTYiXQ',
  })
  @Expect('nextCursor of the page before', matches(/^[A-Za-z0-9_-]{1,1024}$/))
  @Optional()
  readonly cursor?: string;

  @ApiProperty({
    required: false,
    enum: ['true', 'false'],
    default: 'false',
    description: 'With `true` no entries, only how many match, in `summary`. JSON only. HEAD does the same with a header.',
    example: 'true',
  })
  @Expect('true or false', isOneOf(['true', 'false']))
  @Optional()
  readonly count?: string;

  /** @throws ConntrackError `INVALID_FILTER` for more than a page may have. */
  static pageLimit({ limit = '100' }: EntriesQueryDto): number {
    if (Number(limit) <= PAGE_LIMIT_MAX) return Number(limit);
    throw new ConntrackError('INVALID_FILTER', `limit: a page has up to ${PAGE_LIMIT_MAX} entries; a stream may have more.`, {
      errors: [{ field: 'limit', expected: `an integer from 1 to ${PAGE_LIMIT_MAX}`, ...foundIn(limit) }],
    });
  }

  /** @throws ConntrackError `INVALID_FILTER` for what a stream would have to ignore. */
  static requireNoPage(query: EntriesQueryDto): void {
    const paging = PAGE_PARAMETERS.filter((field) => query[field] !== undefined);
    if (paging.length === 0) return;
    throw new ConntrackError('INVALID_FILTER', `A stream has no pages: ${paging.join(' and ')} can only be used with JSON.`, {
      errors: paging.map((field) => ({ field, expected: 'no such parameter on a stream', ...foundIn(query[field]) })),
    });
  }
}
