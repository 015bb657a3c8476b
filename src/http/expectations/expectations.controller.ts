import { Controller, Get, Header, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { KernelExpectations } from '../../application/ports/kernel-expectations.ts';
import type { Token } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { Negotiated } from '../input/accept.ts';
import { NAMESPACE_PROBLEMS, Problems } from '../openapi/problems.decorator.ts';
import { ExpectationPageDto } from './expectation-page.dto.ts';
import { EXPECTATION_MEDIA_TYPES, expectationsResponse, type ExpectationMediaType } from './expectation-response.ts';
import { ExpectationsQueryDto } from './expectations-query.dto.ts';

const EXPECTATIONS = {
  status: 200,
  description: 'The matching expectations.',
  content: {
    'application/json': { schema: { $ref: getSchemaPath(ExpectationPageDto) } },
    'application/x-ndjson': {
      schema: {
        type: 'string',
        description: 'One expectation per line. The last line, `{"trailer": …}`, holds a summary like that of a page.',
      },
    },
  },
} as const;

@ApiTags('entries')
@Controller('api/v1/expectations')
export class ExpectationsController {
  constructor(private readonly expectations: KernelExpectations) {}

  @Get()
  @Header('Vary', 'Accept, Accept-Encoding')
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'listExpectations',
    summary: 'List expectations',
    description:
      'Lists the flows that conntrack helpers expect as part of other flows (`conntrack -L expect`), such as the data connection of an FTP session. With `Accept: application/json`, returns one page and a ' +
      'cursor for the next. With `application/x-ndjson`, streams all matching expectations, compressed if `Accept-Encoding` names zstd or gzip. The kernel reports mask, master, class and NAT over ctnetlink only. ' +
      'Unknown and repeated parameters are refused.',
  })
  @ApiExtraModels(ExpectationPageDto)
  @ApiResponse(EXPECTATIONS)
  @Problems('INVALID_FILTER', 'INVALID_CURSOR', 'NOT_ACCEPTABLE', 'TOO_MANY_DUMPS', 'CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  list(
    @Query() query: ExpectationsQueryDto,
    @AcceptedToken() token: Token,
    @Negotiated(EXPECTATION_MEDIA_TYPES) mediaType: ExpectationMediaType,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExpectationPageDto | StreamableFile> {
    return expectationsResponse(this.expectations, query, mediaType, reply, token.id);
  }
}
