import { Controller, Get, Header, Query, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { KernelEntries } from '../../application/ports/kernel.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Negotiated } from '../input/accept.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { EntriesQueryDto } from './entries-query.dto.ts';
import { EntryPageDto } from './entry-page.dto.ts';
import { answerEntries, ENTRY_MEDIA_TYPES, type EntryMediaType } from './entry-stream.ts';

@ApiTags('entries')
@Controller('api/v1/entries')
export class EntriesController {
  constructor(private readonly entries: KernelEntries) {}

  @Get()
  @Header('Vary', 'Accept')
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'listEntries',
    summary: 'Tracked flows: a page, or the whole table as a stream',
    description:
      'With `Accept: application/json` a page with a cursor. With `application/x-ndjson` or `text/csv` everything that matches, streamed as fast as the client reads; the last record says whether ' +
      'the dump is complete: without it, the answer was cut off. All filters must match. Unknown and repeated parameters are refused.',
  })
  @ApiExtraModels(EntryPageDto)
  @ApiResponse({
    status: 200,
    description: 'The entries that match.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(EntryPageDto) } },
      'application/x-ndjson': {
        schema: {
          type: 'string',
          description: 'One entry a line, then a last line {"trailer": …} that holds a summary like that of a page.',
        },
      },
      'text/csv': {
        schema: {
          type: 'string',
          description: 'A header line, one entry a line (RFC 4180), then a last line that begins with # and says how the dump ended.',
        },
      },
    },
  })
  @Problems('INVALID_FILTER', 'INVALID_CURSOR', 'NOT_ACCEPTABLE', 'TOO_MANY_DUMPS', 'CONNTRACK_NOT_LOADED', 'KERNEL_UNREADABLE')
  list(@Query() query: EntriesQueryDto, @Negotiated(ENTRY_MEDIA_TYPES) mediaType: EntryMediaType): Promise<EntryPageDto | StreamableFile> {
    return answerEntries(this.entries, query, mediaType);
  }
}
