import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReadHistory } from '../../application/table/read-history.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { HistoryQueryDto } from './history-query.dto.ts';
import { HistoryDto } from './history.dto.ts';

@ApiTags('table')
@Controller('api/v1/table/history')
export class HistoryController {
  constructor(private readonly history: ReadHistory) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readHistory',
    summary: 'Get the history and forecast of the table',
    description:
      'Returns samples of count, max, buckets and counters, and a forecast of when the table is full. Samples are taken every `--sample-seconds` (default 10) while the service runs. Periods of 10 s are kept ' +
      'for a day, of one minute for a week, longer ones for a year. `count` is that of the network namespace of the service.',
  })
  @ApiOkResponse({ type: HistoryDto, description: 'The history in the range, and the forecast.' })
  @Problems('INVALID_FILTER', 'HISTORY_UNAVAILABLE')
  read(@Query() query: HistoryQueryDto): HistoryDto {
    return HistoryDto.of(this.history.run(HistoryQueryDto.toQuery(query)));
  }
}
