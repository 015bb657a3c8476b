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
    summary: 'The named network namespaces of this host',
    description:
      'Those in /run/netns, which ip-netns(8) keeps, with the entries in use in each. Only where the service was started with --namespaces, ' +
      'and only as root or with CAP_SYS_ADMIN.',
  })
  @ApiOkResponse({ type: NamespaceListDto, description: 'The namespaces now.' })
  @Problems('NAMESPACES_DISABLED', 'NOT_SUPPORTED_HERE', 'CONNTRACK_NOT_LOADED', 'KERNEL_UNREADABLE')
  list(): Promise<NamespaceListDto> {
    return this.namespaces.list().then((namespaces) => NamespaceListDto.of(namespaces));
  }
}
