import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BootFiles } from '../../application/ports/boot-files.ts';
import { KernelCapabilities } from '../../application/ports/kernel.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { CapabilitiesDto } from './capabilities.dto.ts';

@ApiTags('host')
@Controller('api/v1/capabilities')
export class CapabilitiesController {
  constructor(
    private readonly kernel: KernelCapabilities,
    private readonly bootFiles: BootFiles,
  ) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readCapabilities',
    summary: 'List capabilities of this host',
    description:
      'Returns what the service can read and write on this host and, for everything else, the reason and a remedy. Works even if conntrack is not loaded.',
  })
  @ApiOkResponse({ type: CapabilitiesDto, description: 'The current capabilities.' })
  read(): Promise<CapabilitiesDto> {
    return CapabilitiesDto.read(this.kernel, this.bootFiles);
  }
}
