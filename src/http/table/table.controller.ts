import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { KernelTable } from '../../application/ports/kernel.ts';
import { describeTable } from '../../domain/table.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { CountersDto } from './counters.dto.ts';
import { TableDto } from './table.dto.ts';

@ApiTags('table')
@Controller('api/v1/table')
export class TableController {
  constructor(private readonly table: KernelTable) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readTable',
    summary: 'Size, load and memory of the table',
    description:
      'Entries in use, limits, hash chains and memory, as the kernel reports them now. What cannot be read is absent, with the reason under `unavailable`.',
  })
  @ApiOkResponse({ type: TableDto, description: 'The table now.' })
  @Problems('CONNTRACK_NOT_LOADED')
  read(): Promise<TableDto> {
    return this.table.read().then(describeTable);
  }

  @Get('counters')
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readCounters',
    summary: 'Event counters, per CPU and in total',
    description: 'The kernel’s own counters under their own names. `drop` and `early_drop` above zero mean lost or evicted flows.',
  })
  @ApiOkResponse({ type: CountersDto, description: 'The counters now.' })
  @Problems('CONNTRACK_NOT_LOADED', 'KERNEL_UNREADABLE')
  counters(): Promise<CountersDto> {
    return this.table.counters().then((reading) => CountersDto.of(reading));
  }
}
