import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { WriteLock } from '../../application/change/write-lock.ts';
import { SharedReading } from '../../application/shared-reading.ts';
import { ReadCounters } from '../../application/table/read-counters.ts';
import { ReadTable } from '../../application/table/read-table.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { CountersDto } from './counters.dto.ts';
import { TableDto } from './table.dto.ts';

const NAMESPACE_PROBLEMS = [
  'INVALID_FILTER',
  'KERNEL_UNREADABLE',
  'RESOURCES_EXHAUSTED',
  'NAMESPACES_DISABLED',
  'NAMESPACE_NOT_FOUND',
  'NOT_SUPPORTED_HERE',
] as const;

@ApiTags('table')
@Controller('api/v1/table')
export class TableController {
  /** Of the service's own network namespace. */
  private readonly own: SharedReading<TableDto>;

  constructor(
    private readonly table: ReadTable,
    private readonly readCounters: ReadCounters,
    writeLock: WriteLock,
  ) {
    this.own = new SharedReading(
      () => table.run({}),
      () => writeLock.releases,
    );
  }

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readTable',
    summary: 'Get the state of the table',
    description:
      'Returns the number of entries, limits, hash chain length and memory, as the kernel reports them now. A value that cannot be read is absent, and `unavailable` has the reason. ' +
      '`count` is that of one network namespace: that of the service, or the one in `namespace`. `max`, `buckets` and the size of an entry apply to ' +
      'the whole host. `findings` lists problems with evidence and remedy. The table is walked only on a kernel without a count: its text dump is then counted at most every 10 s.',
  })
  @ApiOkResponse({ type: TableDto, description: 'The current state of the table.' })
  @Problems('CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  read(@Query() scope: EntryScopeDto): Promise<TableDto> {
    return scope.namespace === undefined ? this.own.get() : this.table.run(EntryScopeDto.toScope(scope));
  }

  @Get('counters')
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readCounters',
    summary: 'Get the event counters',
    description:
      'Returns the kernel’s event counters per CPU and in total, their rates and their meaning. If `drop` or `early_drop` is above zero, flows were dropped or evicted. Each network ' +
      'namespace has its own counters. The names are the columns of /proc/net/stat/nf_conntrack, even if the source is ctnetlink. `conntrack -S` has other names for some: ' +
      'error for `icmp_error`, clash_resolve for `clashres`, and chaintoolong for `chainlength` (flows refused because their chain was too long).',
  })
  @ApiOkResponse({ type: CountersDto, description: 'The current counters.' })
  @Problems('CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  counters(@Query() scope: EntryScopeDto): Promise<CountersDto> {
    return this.readCounters.run(EntryScopeDto.toScope(scope)).then((counters) => CountersDto.of(counters));
  }
}
