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
    summary: 'The table over time, and when it will be full',
    description:
      'Samples of count, max, buckets and counters, taken every `--sample-seconds` (10 by default) while the service runs. Periods of 10 s are kept ' +
      'for a day, of a minute for a week, longer ones for a year. `count` is of the service’s own network namespace.',
  })
  @ApiOkResponse({ type: HistoryDto, description: 'The samples in the range.' })
  @Problems('INVALID_FILTER', 'HISTORY_UNAVAILABLE')
  read(@Query() query: HistoryQueryDto): HistoryDto {
    return HistoryDto.of(this.history.run(HistoryQueryDto.toQuery(query)));
  }
}
