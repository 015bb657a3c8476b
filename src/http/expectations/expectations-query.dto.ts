import { ApiProperty } from '@nestjs/swagger';
import type { Family } from '../../domain/entry.ts';
import type { ExpectationFilter } from '../../domain/expectation.ts';
import { FAMILIES } from '../documents/entry.dto.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { isDecimal, isLine, isOneOf, matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

const STREAM_LIMIT_MAX = 2_147_483_647;
const HELPER_MAX_LENGTH = 64;

/** Query parameters are text; the static methods convert them. */
export class ExpectationsQueryDto extends EntryScopeDto {
  @ApiProperty({ required: false, enum: FAMILIES, description: 'Return only expectations of this address family.', example: 'ipv4' })
  @Expect(`one of ${FAMILIES.join(', ')}`, isOneOf(FAMILIES))
  @Optional()
  readonly family?: Family;

  @ApiProperty({ required: false, description: 'Return only expectations of the helper with this name.', example: 'ftp' })
  @Expect('the name of a helper', isLine(HELPER_MAX_LENGTH))
  @Optional()
  readonly helper?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: STREAM_LIMIT_MAX,
    description:
      'Maximum number of expectations. In JSON: per page, at most 1000, default 100. In a stream: in total, no default; if more match, the last record reports `truncated`.',
    example: 100,
  })
  @Expect(`an integer from 1 to ${STREAM_LIMIT_MAX}`, isDecimal(1, STREAM_LIMIT_MAX))
  @Optional()
  readonly limit?: string;

  @ApiProperty({
    required: false,
    description:
      '`nextCursor` of the previous page. The other parameters must be the same as for that page. JSON only: streams have no pages.',
    example: 'WzEsIlBxSzJ2N2gxUW1YczBhTnUiLCJpcHY0LTYiXQ',
  })
  @Expect('nextCursor of the previous page', matches(/^[A-Za-z0-9_-]{1,1024}$/))
  @Optional()
  readonly cursor?: string;

  @ApiProperty({
    required: false,
    enum: ['true', 'false'],
    default: 'false',
    description: 'If `true`, return no expectations, only the number that match, in `summary.expectations`. JSON only.',
    example: 'true',
  })
  @Expect('true or false', isOneOf(['true', 'false']))
  @Optional()
  readonly count?: string;

  static toFilter({ family, helper }: ExpectationsQueryDto): ExpectationFilter {
    return { ...(family !== undefined && { family }), ...(helper !== undefined && { helper }) };
  }
}
