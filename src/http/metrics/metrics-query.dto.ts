import { ApiProperty } from '@nestjs/swagger';
import { isNonEmptyListOf, isOneOf } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { COLLECTORS, type Collector } from './collect-metrics.ts';

const isListOfCollectors = isNonEmptyListOf(isOneOf(COLLECTORS));

export class MetricsQueryDto {
  @ApiProperty({
    name: 'collect[]',
    required: false,
    type: 'array',
    items: { type: 'string', enum: [...COLLECTORS] },
    uniqueItems: true,
    description:
      'The collectors to run, as in node_exporter: repeat the parameter for each. Absent: all. `collect[]=table&collect[]=counters` returns the ' +
      'state of the table at the lowest cost.',
    example: ['table', 'counters'],
  })
  @Expect(`${COLLECTORS.join(', ')}, without repetition`, (value) => isListOfCollectors([value].flat()))
  @Optional()
  readonly 'collect[]'?: Collector | readonly Collector[];

  static toCollectors({ 'collect[]': collectors }: MetricsQueryDto): readonly Collector[] {
    return collectors === undefined ? COLLECTORS : [collectors].flat();
  }
}
