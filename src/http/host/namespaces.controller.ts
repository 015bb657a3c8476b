import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { KernelNamespaces } from '../../application/ports/kernel.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { NamespaceListDto } from './namespaces.dto.ts';

@ApiTags('host')
@Controller('api/v1/namespaces')
export class NamespacesController {
  constructor(private readonly namespaces: KernelNamespaces) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'listNamespaces',
    summary: 'List network namespaces',
    description:
      'Returns the named network namespaces of this host (/run/netns, see ip-netns(8)) and the number of entries in each. Requires that the service runs with `--namespaces`, ' +
      'as root or with CAP_SYS_ADMIN.',
  })
  @ApiOkResponse({ type: NamespaceListDto, description: 'The current namespaces.' })
  @Problems('NAMESPACES_DISABLED', 'NOT_SUPPORTED_HERE', 'CONNTRACK_NOT_LOADED', 'KERNEL_UNREADABLE', 'RESOURCES_EXHAUSTED')
  list(): Promise<NamespaceListDto> {
    return this.namespaces.list().then((namespaces) => NamespaceListDto.of(namespaces));
  }
}
