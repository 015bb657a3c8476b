import { ApiProperty } from '@nestjs/swagger';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import {
  SAMPLE_MAX,
  SAMPLE_MIN,
  SUMMARY_KEYS,
  SUMMARY_MEASURES,
  type SummaryKey,
  type SummaryMeasure,
  type SummaryRequest,
  TOP_DEFAULT,
  TOP_MAX,
} from '../../domain/entry-summary.ts';
import { isDecimal, isListOf, isOneOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { EntryFilterDto } from './entry-filter.dto.ts';

const BY_DEFAULT: readonly SummaryKey[] = ['source', 'destination', 'destinationPort', 'protocol', 'state'];

/** Query parameters are text; `toRequest` converts them. */
export class SummaryQueryDto extends EntryFilterDto {
  @ApiProperty({
    required: false,
    type: 'string',
    default: BY_DEFAULT.join(','),
    description:
      `Keys to group by, separated by commas, without repetition: ${SUMMARY_KEYS.join(', ')}. Addresses and ports are those of the original direction. ` +
      '`pair` is source and destination together. `natSource` and `natDestination` are the translated addresses. `helper` is the name of the conntrack helper.',
    example: 'source,state,destinationPort',
  })
  @Expect(`one or more of ${SUMMARY_KEYS.join(', ')}, separated by commas, without repetition`, isKeyList)
  @Optional()
  readonly by?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: TOP_MAX,
    default: TOP_DEFAULT,
    description: 'Number of rows per key.',
    example: 10,
  })
  @Expect(`an integer from 1 to ${TOP_MAX}`, isDecimal(1, TOP_MAX))
  @Optional()
  readonly top?: string;

  @ApiProperty({
    required: false,
    enum: [...SUMMARY_MEASURES],
    default: 'entries',
    description:
      'Order of the rows, highest first. Flows without counters count as 0 packets and bytes: flows have counters only if the setting `acct` was on when they started.',
    example: 'entries',
  })
  @Expect(`one of ${SUMMARY_MEASURES.join(', ')}`, isOneOf(SUMMARY_MEASURES))
  @Optional()
  readonly orderBy?: SummaryMeasure;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: SAMPLE_MIN,
    maximum: SAMPLE_MAX,
    description:
      'Read only so many entries, whether they match or not, and estimate the numbers of the table from them. If the table has no more, the response is exact. Only with `orderBy=entries`.',
    example: 50_000,
  })
  @Expect(`an integer from ${SAMPLE_MIN} to ${SAMPLE_MAX}`, isDecimal(SAMPLE_MIN, SAMPLE_MAX))
  @Optional()
  readonly sample?: string;

  /** @throws ConntrackError `INVALID_FILTER` for a sample that is ordered by packets or bytes */
  static toRequest({ by, top, orderBy = 'entries', sample }: SummaryQueryDto): SummaryRequest {
    if (sample !== undefined && orderBy !== 'entries') throw notSampled(orderBy);
    return {
      by: by === undefined ? BY_DEFAULT : (by.split(',') as SummaryKey[]),
      top: top === undefined ? TOP_DEFAULT : Number(top),
      orderBy,
      ...(sample !== undefined && { sample: Number(sample) }),
    };
  }
}

function notSampled(found: SummaryMeasure): ConntrackError {
  const errors = [{ field: 'orderBy', expected: 'entries, because sample is given', found }];
  return new ConntrackError('INVALID_FILTER', `orderBy: a sample cannot show the largest rows by ${found}, which few flows decide.`, {
    errors,
    remedy: 'Omit `sample`, or use `orderBy=entries`.',
  });
}

function isKeyList(value: unknown): boolean {
  return typeof value === 'string' && isListOf(SUMMARY_KEYS)(value.split(','));
}
