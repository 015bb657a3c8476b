import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReadCounters } from '../../application/table/read-counters.ts';
import { ReadTable } from '../../application/table/read-table.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { CountersDto } from './counters.dto.ts';
import { TableDto } from './table.dto.ts';

const OF_NAMESPACES = ['INVALID_FILTER', 'KERNEL_UNREADABLE', 'NAMESPACES_DISABLED', 'NAMESPACE_NOT_FOUND', 'NOT_SUPPORTED_HERE'] as const;

@ApiTags('table')
@Controller('api/v1/table')
export class TableController {
  constructor(
    private readonly table: ReadTable,
    private readonly counting: ReadCounters,
  ) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readTable',
    summary: 'Size, load and memory of the table, and what is remarkable about it',
    description:
      'Entries in use, limits, hash chains and memory, as the kernel reports them now. What cannot be read is absent, with the reason under `unavailable`. ' +
      '`count` is of one network namespace, the service’s own or the one that `namespace` names; `max`, `buckets` and the size of an entry are of ' +
      'the host. `findings` says what is remarkable, with evidence and remedy; nothing is walked for it.',
  })
  @ApiOkResponse({ type: TableDto, description: 'The table now.' })
  @Problems('CONNTRACK_NOT_LOADED', ...OF_NAMESPACES)
  read(@Query() scope: EntryScopeDto): Promise<TableDto> {
    return this.table.run(EntryScopeDto.toScope(scope));
  }

  @Get('counters')
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readCounters',
    summary: 'Event counters, per CPU and in total, with rates and meaning',
    description:
      'The kernel’s own counters under their own names. `drop` and `early_drop` above zero mean lost or evicted flows. Each network ' +
      'namespace has its own. The names are the columns of /proc/net/stat/nf_conntrack, also where ctnetlink tells them: there `conntrack -S` calls ' +
      '`icmp_error` error, `clashres` clash_resolve and `chainlength` (flows refused because their chain was too long) chaintoolong.',
  })
  @ApiOkResponse({ type: CountersDto, description: 'The counters now.' })
  @Problems('CONNTRACK_NOT_LOADED', ...OF_NAMESPACES)
  counters(@Query() scope: EntryScopeDto): Promise<CountersDto> {
    return this.counting.run(EntryScopeDto.toScope(scope)).then((counters) => CountersDto.of(counters));
  }
}
