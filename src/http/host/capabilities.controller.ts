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
    summary: 'What can be done on this host, and why not',
    description: 'Answers also where connection tracking is not loaded: then it says so and what to do.',
  })
  @ApiOkResponse({ type: CapabilitiesDto, description: 'The capabilities now.' })
  read(): Promise<CapabilitiesDto> {
    return CapabilitiesDto.read(this.kernel, this.bootFiles);
  }
}
