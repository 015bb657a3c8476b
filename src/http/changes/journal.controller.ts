import { Controller, Get, Query, UseInterceptors, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Journal } from '../../application/ports/journal.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { JournalHeadInterceptor } from '../preconditions/journal-head.interceptor.ts';
import { streamRecords } from './journal-export.ts';
import { VerificationDto, VerifyQueryDto } from './verification.dto.ts';

@ApiTags('changes')
@Controller('api/v1/changes')
export class JournalController {
  constructor(private readonly journal: Journal) {}

  @Get('verify')
  @RequiresScope('changes:read')
  @ApiOperation({
    operationId: 'verifyJournal',
    summary: 'Check the whole chain of records',
    description:
      'Recomputes the hash of every record. A broken chain is answered with 200 and `broken`. The chain alone cannot show that its end was cut off: give a head that was kept elsewhere as `anchor`.',
  })
  @ApiOkResponse({ type: VerificationDto, description: 'What was found.' })
  @Problems('INVALID_FILTER')
  verify(@Query() query: VerifyQueryDto): Promise<VerificationDto> {
    return this.journal.verify(VerifyQueryDto.toAnchor(query)).then((found) => VerificationDto.of(found));
  }

  @Get('export')
  @UseInterceptors(JournalHeadInterceptor)
  @RequiresScope('changes:read')
  @ApiOperation({
    operationId: 'exportJournal',
    summary: 'Every record of the journal, as a stream',
    description:
      'One record a line, oldest first, streamed as fast as the client reads, for an independent verifier. The answer is complete when it holds the record named by `Conntrack-Journal-Head`.',
  })
  @ApiOkResponse({
    description: 'The records.',
    headers: JOURNAL_HEAD,
    content: {
      'application/x-ndjson': {
        schema: {
          type: 'string',
          description:
            'Objects with `sequence`, `kind`, `changeId`, `recordedAt`, `previousHash`, `hash` and `content`, which is the very text that was hashed.',
        },
      },
    },
  })
  export(): StreamableFile {
    return streamRecords(this.journal);
  }
}
