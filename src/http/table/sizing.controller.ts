import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AdviseSizing } from '../../application/table/advise-sizing.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { SizingQueryDto } from './sizing-query.dto.ts';
import { SizingAdviceDto } from './sizing.dto.ts';

@ApiTags('table')
@Controller('api/v1/table/sizing')
export class SizingController {
  constructor(private readonly sizing: AdviseSizing) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'adviseSizing',
    summary: 'Get a sizing recommendation',
    description:
      'Recommends max and buckets from exactly one of: a number of connections, a rate of new flows and their lifetime (Little’s law), a memory budget, or the observed peak. ' +
      'Returns every step of the calculation, the memory of a full table, the average chain length, the probability of a refused flow, the body for `PATCH /api/v1/settings`, and, for comparison, ' +
      'the defaults of the kernel and of kube-proxy. Read-only.',
  })
  @ApiOkResponse({ type: SizingAdviceDto, description: 'The recommendation.' })
  @Problems('INVALID_FILTER', 'CONNTRACK_NOT_LOADED', 'KERNEL_UNREADABLE', 'RESOURCES_EXHAUSTED', 'HISTORY_UNAVAILABLE')
  advise(@Query() query: SizingQueryDto): Promise<SizingAdviceDto> {
    return this.sizing.run(SizingQueryDto.toRequest(query), SizingQueryDto.toHeadroom(query)).then((advice) => SizingAdviceDto.of(advice));
  }
}
