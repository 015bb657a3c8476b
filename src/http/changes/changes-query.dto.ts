import { ApiProperty } from '@nestjs/swagger';
import type { ChangeQuery } from '../../application/ports/journal.ts';
import { OUTCOME_NAMES, type OutcomeName } from '../../domain/change.ts';
import { isDecimal, isLine, isOneOf, isTimestamp, matches } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

/** The name of whoever sent a JWT is its issuer and its subject. */
const ACTOR_MAX_LENGTH = 256;
const CURSOR = /^[A-Za-z0-9_-]{1,512}$/;

/** Query parameters are text; `toQuery` gives them their types. */
export class ChangesQueryDto {
  @ApiProperty({ required: false, description: 'Only changes of this setting.', example: 'max' })
  @Expect('the name of a setting', matches(/^[a-z0-9_]{1,64}$/))
  @Optional()
  readonly setting?: string;

  @ApiProperty({ required: false, description: 'Only changes by the token of this name or id.', example: 'deploy' })
  @Expect('the name or id of a token', isLine(ACTOR_MAX_LENGTH))
  @Optional()
  readonly actor?: string;

  @ApiProperty({ required: false, enum: [...OUTCOME_NAMES], description: 'Only changes that ended so.', example: 'applied' })
  @Expect(`one of ${OUTCOME_NAMES.join(', ')}`, isOneOf(OUTCOME_NAMES))
  @Optional()
  readonly outcome?: OutcomeName;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Only changes started at or after this time.',
    example: '2026-11-27T00:00:00Z',
  })
  @Expect('an RFC 3339 time such as 2026-11-27T00:00:00Z', isTimestamp)
  @Optional()
  readonly since?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Only changes started before this time.',
    example: '2026-11-28T00:00:00Z',
  })
  @Expect('an RFC 3339 time such as 2026-11-28T00:00:00Z', isTimestamp)
  @Optional()
  readonly until?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 100,
    description: 'Changes on a page.',
    example: 100,
  })
  @Expect('an integer from 1 to 1000', isDecimal(1, 1000))
  @Optional()
  readonly limit?: string;

  @ApiProperty({
    required: false,
    description: '`nextCursor` of the page before; the filters must be the same.',
    example: 'WzEsInZ4N2h0Q1dVb3lYd2JwMWYiLDQyXQ',
  })
  @Expect('nextCursor of the page before', matches(CURSOR))
  @Optional()
  readonly cursor?: string;

  static toQuery({ setting, actor, outcome, since, until }: ChangesQueryDto): ChangeQuery {
    return {
      ...(setting !== undefined && { setting }),
      ...(actor !== undefined && { actor }),
      ...(outcome !== undefined && { outcome }),
      ...(since !== undefined && { since: new Date(since) }),
      ...(until !== undefined && { until: new Date(until) }),
    };
  }
}
