import { ApiProperty } from '@nestjs/swagger';
import { isDecimal, isOneOf, matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { EntryFilterDto } from './entry-filter.dto.ts';

const STREAM_LIMIT_MAX = 2_147_483_647;

/** Query parameters are text; the static methods convert them. */
export class EntriesQueryDto extends EntryFilterDto {
  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: STREAM_LIMIT_MAX,
    description:
      'Maximum number of entries. In JSON: entries per page, at most 1000, default 100. In a stream: entries in total, no default; if more match, the last record reports `truncated`.',
    example: 100,
  })
  @Expect(`an integer from 1 to ${STREAM_LIMIT_MAX}`, isDecimal(1, STREAM_LIMIT_MAX))
  @Optional()
  readonly limit?: string;

  @ApiProperty({
    required: false,
    description: '`nextCursor` of the previous page. The filters must be the same as for that page. JSON only: streams have no pages.',
    example: 'WzEsIlBxSzJ2N2gxUW1YczBhTnUiLCJpcHY0LTYiXQ',
  })
  @Expect('nextCursor of the previous page', matches(/^[A-Za-z0-9_-]{1,1024}$/))
  @Optional()
  readonly cursor?: string;

  @ApiProperty({
    required: false,
    enum: ['true', 'false'],
    default: 'false',
    description:
      'If `true`, return no entries, only the number that match, in `summary.entries`. JSON only. HEAD returns the number in a header.',
    example: 'true',
  })
  @Expect('true or false', isOneOf(['true', 'false']))
  @Optional()
  readonly count?: string;
}
