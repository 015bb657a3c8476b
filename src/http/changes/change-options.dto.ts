import { ApiProperty } from '@nestjs/swagger';
import type { ChangeTerms } from '../../application/change/change-terms.ts';
import { RISK_CODES, type RiskCode } from '../../domain/risks/risk.ts';
import { isBoolean, isListOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import type { RequestConditions } from '../preconditions/conditions.decorator.ts';
import { ReasonDto } from './reason.dto.ts';

/** What every request that writes live values may carry. */
export class ChangeOptionsDto extends ReasonDto {
  @ApiProperty({
    enum: [...RISK_CODES],
    isArray: true,
    uniqueItems: true,
    required: false,
    description: 'Risks of level `acknowledge` that are accepted; any other risk of that level still stops the change.',
    example: ['MAX_BELOW_COUNT'],
  })
  @Expect(`a list, without repetition, of ${RISK_CODES.join(', ')}`, isListOf(RISK_CODES))
  @Optional()
  readonly acknowledge?: readonly RiskCode[];

  @ApiProperty({
    type: 'boolean',
    required: false,
    default: false,
    description: 'Only show the plan: the same checks, the same scopes, and nothing is written or recorded.',
    example: false,
  })
  @Expect('true or false', isBoolean)
  @Optional()
  readonly dryRun?: boolean;

  static toTerms(
    body: ChangeOptionsDto & { readonly confirmWithinSeconds?: number },
    { isExpected, idempotencyOf }: RequestConditions,
  ): ChangeTerms {
    const { acknowledge = [], confirmWithinSeconds = null } = body;
    return { acknowledge, confirmWithinSeconds, isExpected, idempotency: idempotencyOf(body) };
  }
}
