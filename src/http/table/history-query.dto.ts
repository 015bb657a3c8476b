import { ApiProperty } from '@nestjs/swagger';
import type { HistoryQuery } from '../../application/table/read-history.ts';
import { HISTORY_SAMPLES_MAX, HISTORY_STEPS } from '../../domain/history/steps.ts';
import { isOneOf, isTimestamp } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

const TIME = 'an RFC 3339 time such as 2026-11-27T00:00:00Z';
const STEPS = HISTORY_STEPS.map(String);

/** Query parameters are text; `toQuery` converts them. */
export class HistoryQueryDto {
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Start of the range, RFC 3339. Default: one hour before `to`.',
    example: '2026-11-27T00:00:00Z',
  })
  @Expect(TIME, isTimestamp)
  @Optional()
  readonly from?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'End of the range, RFC 3339. Default: now.',
    example: '2026-11-28T00:00:00Z',
  })
  @Expect(TIME, isTimestamp)
  @Optional()
  readonly to?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    enum: [...HISTORY_STEPS],
    description: `Length of a period in seconds. Default: the shortest that is still stored for \`from\` and gives at most ${HISTORY_SAMPLES_MAX} samples.`,
    example: 60,
  })
  @Expect(`one of ${STEPS.join(', ')}`, isOneOf(STEPS))
  @Optional()
  readonly step?: string;

  static toQuery({ from, to, step }: HistoryQueryDto): HistoryQuery {
    const known = HISTORY_STEPS.find((each) => String(each) === step);
    return {
      ...(from !== undefined && { from: new Date(from) }),
      ...(to !== undefined && { to: new Date(to) }),
      ...(known !== undefined && { step: known }),
    };
  }
}
