import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ReadHelpers } from '../../application/table/read-helpers.ts';
import type { Token } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { NAMESPACE_PROBLEMS, Problems } from '../openapi/problems.decorator.ts';
import { HelpersDto } from './helpers.dto.ts';

@ApiTags('table')
@Controller('api/v1/helpers')
export class HelpersController {
  constructor(private readonly helpers: ReadHelpers) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'listHelpers',
    summary: 'List conntrack helpers and their use',
    description:
      'Returns the helpers whose modules are loaded or built in (FTP, SIP, TFTP, …), with their protocols and ports, the number of entries that have the helper now, and the number of its expectations. ' +
      'The entries are counted in one pass over the table. Modules are those of the host; with `namespace`, entries and expectations are those of that network namespace. What cannot be known is absent, and `unavailable` has the reason. Loads no module.',
  })
  @ApiOkResponse({ type: HelpersDto, description: 'The helpers and their use.' })
  @Problems('INVALID_FILTER', 'TOO_MANY_DUMPS', 'CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  list(@Query() scope: EntryScopeDto, @AcceptedToken() token: Token): Promise<HelpersDto> {
    return this.helpers.run({ ...EntryScopeDto.toScope(scope), owner: token.id });
  }
}
