import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SummariseEntries } from '../../application/table/summarise-entries.ts';
import type { Token } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { EntryFilterDto } from './entry-filter.dto.ts';
import { EntryScopeDto } from './entry-scope.dto.ts';
import { SummaryQueryDto } from './summary-query.dto.ts';
import { EntrySummaryDto } from './summary.dto.ts';

@ApiTags('entries')
@Controller('api/v1/entries/summary')
export class SummaryController {
  constructor(private readonly summariseEntries: SummariseEntries) {}

  @Get()
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'summariseEntries',
    summary: 'Summarise entries by source, port, state and more',
    description:
      'Counts the matching entries by each requested key, in one pass over the table (in two parallel parts where possible) and in bounded memory, and returns the largest rows. Up to 65,536 distinct keys (fewer if little memory is free), all numbers are exact. With more, the Space-Saving ' +
      'algorithm estimates the `orderBy` sum: each row has its maximum `error`, and every key with more than 1/`counters` of the total is included in the estimate. The filters are those of `GET /api/v1/entries`. With `sample`, it ' +
      'stops after that many entries and estimates the numbers of the table, with intervals: the kernel lists entries in the order of a keyed hash, so the first ones are a random sample.',
  })
  @ApiOkResponse({ type: EntrySummaryDto, description: 'The summary of the matching entries.' })
  @Problems(
    'INVALID_FILTER',
    'TOO_MANY_DUMPS',
    'CONNTRACK_NOT_LOADED',
    'KERNEL_UNREADABLE',
    'RESOURCES_EXHAUSTED',
    'NAMESPACE_NOT_FOUND',
    'NAMESPACES_DISABLED',
    'NOT_SUPPORTED_HERE',
  )
  summarise(@Query() query: SummaryQueryDto, @AcceptedToken() token: Token): Promise<EntrySummaryDto> {
    return this.summariseEntries.run(EntryFilterDto.toFilter(query), SummaryQueryDto.toRequest(query), {
      ...EntryScopeDto.toScope(query),
      owner: token.id,
    });
  }
}
