import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BootFiles } from '../../application/ports/boot-files.ts';
import { KernelCapabilities } from '../../application/ports/kernel.ts';
import { Reachability } from '../../application/reachability.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { NAMESPACE_PROBLEMS, Problems } from '../openapi/problems.decorator.ts';
import { CapabilitiesDto } from './capabilities.dto.ts';

@ApiTags('host')
@Controller('api/v1/capabilities')
export class CapabilitiesController {
  constructor(
    private readonly kernel: KernelCapabilities,
    private readonly bootFiles: BootFiles,
    private readonly reachability: Reachability,
  ) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readCapabilities',
    summary: 'List capabilities of this host',
    description:
      'Returns what the service can read and write on this host and, for everything else, the reason and a remedy. Works even if conntrack is not loaded. With `namespace`, it returns this for the settings, table and entries of that network namespace. `socket` and `untracked` are ways to reach the service while the table is full.',
  })
  @ApiOkResponse({ type: CapabilitiesDto, description: 'The current capabilities.' })
  @Problems('CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  read(@Query() { namespace }: EntryScopeDto): Promise<CapabilitiesDto> {
    return CapabilitiesDto.read(this.kernel, this.bootFiles, this.reachability, namespace);
  }
}
