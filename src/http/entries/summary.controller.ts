import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SummariseEntries } from '../../application/table/summarise-entries.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { EntryFilterDto } from './entry-filter.dto.ts';
import { EntryScopeDto } from './entry-scope.dto.ts';
import { SummaryQueryDto } from './summary-query.dto.ts';
import { EntrySummaryDto } from './summary.dto.ts';

@ApiTags('entries')
@Controller('api/v1/entries/summary')
export class SummaryController {
  constructor(private readonly summarising: SummariseEntries) {}

  @Get()
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'summariseEntries',
    summary: 'Who fills the table: the entries counted by source, port, state and more',
    description:
      'One pass over the table in bounded memory. Up to 65,536 distinct keys everything is exact. With more, the sketch Space-Saving counts what `orderBy` names: each row says how much it may ' +
      'be too high by (`error`), and a key with more than 1/65,536 of the total is certain to be counted. The filters are those of `GET /entries`.',
  })
  @ApiOkResponse({ type: EntrySummaryDto, description: 'The entries that match, counted.' })
  @Problems(
    'INVALID_FILTER',
    'TOO_MANY_DUMPS',
    'CONNTRACK_NOT_LOADED',
    'KERNEL_UNREADABLE',
    'NAMESPACE_NOT_FOUND',
    'NAMESPACES_DISABLED',
    'NOT_SUPPORTED_HERE',
  )
  summarise(@Query() query: SummaryQueryDto): Promise<EntrySummaryDto> {
    return this.summarising.run(EntryFilterDto.toFilter(query), SummaryQueryDto.toRequest(query), EntryScopeDto.toScope(query));
  }
}
