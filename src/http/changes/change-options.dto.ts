import { ApiProperty } from '@nestjs/swagger';
import type { ChangeTerms } from '../../application/change/change-terms.ts';
import { RISK_CODES, type RiskCode } from '../../domain/risks/risk.ts';
import { isBoolean, isListOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import type { RequestConditions } from '../preconditions/conditions.decorator.ts';
import { ReasonDto } from './reason.dto.ts';

/** Accepted by every request that changes settings or boot files. */
export class ChangeOptionsDto extends ReasonDto {
  @ApiProperty({
    enum: [...RISK_CODES],
    isArray: true,
    uniqueItems: true,
    required: false,
    description: 'Codes of risks of level `acknowledge` that you accept. Any other risk of that level still stops the change.',
    example: ['MAX_BELOW_COUNT'],
  })
  @Expect(`a list, without repetition, of ${RISK_CODES.join(', ')}`, isListOf(RISK_CODES))
  @Optional()
  readonly acknowledge?: readonly RiskCode[];

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description: 'Return the plan only. The same checks and scopes apply; nothing is written or recorded.',
    example: false,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly dryRun?: boolean;

  static toTerms(
    body: ChangeOptionsDto & { readonly confirmWithinSeconds?: number; readonly supersedes?: number },
    { isExpected, idempotencyOf }: RequestConditions,
  ): ChangeTerms {
    const { acknowledge = [], confirmWithinSeconds = null, supersedes } = body;
    return {
      acknowledge,
      confirmWithinSeconds,
      isExpected,
      idempotency: idempotencyOf(body),
      ...(supersedes !== undefined && { supersedes }),
    };
  }
}
