import { ApiProperty } from '@nestjs/swagger';
import type { ChangeQuery } from '../../application/ports/journal.ts';
import { OUTCOME_NAMES, type OutcomeName } from '../../domain/change.ts';
import { toSettingName } from '../../domain/setting-name.ts';
import { isDecimal, isLine, isOneOf, isTimestamp, matches, NAMESPACE_NAME } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { ACCEPTED_NAMES, isSettingName } from '../input/setting-names.ts';

/** Long enough for the name of a JWT caller: the issuer and the subject. */
const ACTOR_MAX_LENGTH = 256;
const CURSOR = /^[A-Za-z0-9_-]{1,512}$/;

/** Query parameters are text; `toQuery` converts them. */
export class ChangesQueryDto {
  @ApiProperty({ required: false, description: `Return only changes of this setting. ${ACCEPTED_NAMES}`, example: 'max' })
  @Expect('the name of a setting', isSettingName)
  @Optional()
  readonly setting?: string;

  @ApiProperty({
    required: false,
    maxLength: 255,
    description:
      'Return only changes of the settings or entries of the network namespace that had this name at that time. The namespace need not exist any more.',
    example: 'blue',
  })
  @Expect('the name of a network namespace', matches(NAMESPACE_NAME))
  @Optional()
  readonly namespace?: string;

  @ApiProperty({ required: false, description: 'Return only changes by the token with this name or id.', example: 'deploy' })
  @Expect('the name or id of a token', isLine(ACTOR_MAX_LENGTH))
  @Optional()
  readonly actor?: string;

  @ApiProperty({ required: false, enum: [...OUTCOME_NAMES], description: 'Return only changes with this outcome.', example: 'applied' })
  @Expect(`one of ${OUTCOME_NAMES.join(', ')}`, isOneOf(OUTCOME_NAMES))
  @Optional()
  readonly outcome?: OutcomeName;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Return only changes started at or after this time (RFC 3339).',
    example: '2026-11-27T00:00:00Z',
  })
  @Expect('an RFC 3339 time such as 2026-11-27T00:00:00Z', isTimestamp)
  @Optional()
  readonly since?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Return only changes started before this time (RFC 3339).',
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
    description: 'Number of changes per page.',
    example: 100,
  })
  @Expect('an integer from 1 to 1000', isDecimal(1, 1000))
  @Optional()
  readonly limit?: string;

  @ApiProperty({
    required: false,
    description: '`nextCursor` of the previous page. The filters must be the same as for that page.',
    example: 'WzEsInZ4N2h0Q1dVb3lYd2JwMWYiLDQyXQ',
  })
  @Expect('nextCursor of the previous page', matches(CURSOR))
  @Optional()
  readonly cursor?: string;

  static toQuery({ setting, namespace, actor, outcome, since, until }: ChangesQueryDto): ChangeQuery {
    return {
      ...(setting !== undefined && { setting: toSettingName(setting) }),
      ...(namespace !== undefined && { namespace }),
      ...(actor !== undefined && { actor }),
      ...(outcome !== undefined && { outcome }),
      ...(since !== undefined && { since: new Date(since) }),
      ...(until !== undefined && { until: new Date(until) }),
    };
  }
}
