import { Controller, Get, Head, Header, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiParam, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { KernelEntries } from '../../application/ports/kernel.ts';
import type { Token } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { Negotiated } from '../input/accept.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { EntriesQueryDto } from './entries-query.dto.ts';
import { EntryPageDto } from './entry-page.dto.ts';
import { EntryScopeDto } from './entry-scope.dto.ts';
import { entriesResponse, addEntryCount, ENTRY_MEDIA_TYPES, type EntryMediaType } from './entry-stream.ts';
import { EntryDto } from '../documents/entry.dto.ts';

const COUNTED = {
  status: 200,
  description: 'The matching entries, counted. No body.',
  headers: {
    'Conntrack-Entries': { description: 'Number of matching entries.', schema: { type: 'integer', minimum: 0, example: 104_001 } },
    'Conntrack-Dump-Outcome': {
      description: 'Whether the count is exact: see `outcome` in the summary of a page.',
      schema: { type: 'string', example: 'complete' },
    },
  },
} as const;

const ENTRIES = {
  status: 200,
  description: 'The matching entries.',
  content: {
    'application/json': { schema: { $ref: getSchemaPath(EntryPageDto) } },
    'application/x-ndjson': {
      schema: {
        type: 'string',
        description: 'One entry per line. The last line, `{"trailer": …}`, holds a summary like that of a page.',
      },
    },
    'text/csv': {
      schema: {
        type: 'string',
        description: 'A header line and one entry per line (RFC 4180). The last line starts with `#` and reports how the dump ended.',
      },
    },
    'text/plain': {
      schema: {
        type: 'string',
        description:
          'One entry per line, exactly as `conntrack -L -o extended` prints it. The last line starts with `#` and reports how the dump ended.',
      },
    },
    'text/x-conntrack-save': {
      schema: {
        type: 'string',
        description:
          'One entry per line, exactly as `conntrack -L -o save` prints it and `conntrack -R` reads it. The last line starts with `#` and reports how the dump ended.',
      },
    },
  },
} as const;

const NAMESPACE_PROBLEMS = ['NAMESPACE_NOT_FOUND', 'NAMESPACES_DISABLED', 'NOT_SUPPORTED_HERE'] as const;

@ApiTags('entries')
@Controller('api/v1/entries')
export class EntriesController {
  constructor(private readonly entries: KernelEntries) {}

  @Head()
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'countEntries',
    summary: 'Count entries',
    description:
      'Counts the matching entries in one pass over the table and returns the number in the `Conntrack-Entries` header. `GET` with `count=true` returns the same as JSON.',
  })
  @ApiResponse(COUNTED)
  @Problems('INVALID_FILTER', 'TOO_MANY_DUMPS', 'CONNTRACK_NOT_LOADED', 'KERNEL_UNREADABLE', 'RESOURCES_EXHAUSTED', ...NAMESPACE_PROBLEMS)
  count(@Query() query: EntriesQueryDto, @AcceptedToken() token: Token, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    return addEntryCount(this.entries, query, reply, token.id);
  }

  @Get()
  @Header('Vary', 'Accept, Accept-Encoding')
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'listEntries',
    summary: 'List entries',
    description:
      'With `Accept: application/json`, returns one page of entries and a cursor for the next. With `application/x-ndjson`, `text/csv`, `text/plain` (the format of `conntrack -L -o extended`) or `text/x-conntrack-save` (that of `-o save`), streams all ' +
      'matching entries as fast as the client reads, compressed if `Accept-Encoding` names zstd or gzip. The last record of a stream reports whether the dump is complete; if it is missing, the ' +
      'connection broke. An entry must match all given filters. Unknown and repeated parameters are refused.',
  })
  @ApiExtraModels(EntryPageDto)
  @ApiResponse(ENTRIES)
  @Problems(
    'INVALID_FILTER',
    'INVALID_CURSOR',
    'NOT_ACCEPTABLE',
    'TOO_MANY_DUMPS',
    'CONNTRACK_NOT_LOADED',
    'KERNEL_UNREADABLE',
    'RESOURCES_EXHAUSTED',
    ...NAMESPACE_PROBLEMS,
  )
  list(
    @Query() query: EntriesQueryDto,
    @AcceptedToken() token: Token,
    @Negotiated(ENTRY_MEDIA_TYPES) mediaType: EntryMediaType,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EntryPageDto | StreamableFile> {
    return entriesResponse(this.entries, query, mediaType, reply, token.id);
  }

  @Get(':id')
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'getEntry',
    summary: 'Get an entry',
    description: 'Looks up one entry by its tuple in the kernel, without a pass over the table.',
  })
  @ApiParam({ name: 'id', description: 'Entry id, from a page or a stream.', example: '04060a000005c000020ac87c01bb030000-75e1dc5f' })
  @ApiResponse({ status: 200, description: 'The current entry.', type: EntryDto })
  @Problems(
    'INVALID_FILTER',
    'ENTRY_NOT_FOUND',
    'ENTRY_REPLACED',
    'CONNTRACK_NOT_LOADED',
    'KERNEL_UNREADABLE',
    'RESOURCES_EXHAUSTED',
    ...NAMESPACE_PROBLEMS,
  )
  find(@Param('id') id: string, @Query() scope: EntryScopeDto, @AcceptedToken() token: Token): Promise<EntryDto> {
    return this.entries.find(id, { ...EntryScopeDto.toScope(scope), owner: token.id });
  }
}
