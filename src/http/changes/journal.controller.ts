import { Controller, Get, Header, Query, UseInterceptors, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Journal } from '../../application/ports/journal.ts';
import type { Token } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { JournalHeadInterceptor } from '../preconditions/journal-head.interceptor.ts';
import { FollowJournal } from './follow-journal.ts';
import { ExportQueryDto, exportResponse, HasBody } from './journal-export.ts';
import { VerificationDto, VerifyQueryDto } from './verification.dto.ts';

@ApiTags('changes')
@Controller('api/v1/changes')
export class JournalController {
  constructor(
    private readonly journal: Journal,
    private readonly followers: FollowJournal,
  ) {}

  @Get('verify')
  @RequiresScope('changes:read')
  @ApiOperation({
    operationId: 'verifyJournal',
    summary: 'Verify the journal',
    description:
      'Recomputes the hash of every record and compares the tokens with their records. If the chain is broken, the response is still 200 and has `broken`; if tokens were altered, it has `alteredTokens`. The chain alone cannot show that records were removed from its end: to detect that, send a head that you stored elsewhere as `anchor`. Records that were archived are verified on the host, with `conntrack-api journal verify --archive`.',
  })
  @ApiOkResponse({ type: VerificationDto, description: 'The result of the verification.' })
  @Problems('INVALID_FILTER', 'ARCHIVED')
  verify(@Query() query: VerifyQueryDto): Promise<VerificationDto> {
    return this.journal.verify(VerifyQueryDto.toAnchor(query)).then((found) => VerificationDto.of(found));
  }

  @Get('export')
  @Header('X-Accel-Buffering', 'no')
  @UseInterceptors(JournalHeadInterceptor)
  @RequiresScope('changes:read', 'entries:read')
  @ApiOperation({
    operationId: 'exportJournal',
    summary: 'Export the journal',
    description:
      'Streams every record of the journal that is not archived, one per line, oldest first, for an independent verifier. After an archive, the first record continues the last one of the archive: verify the concatenated files. It also needs the scope `entries:read`, because records of deletions contain addresses and would no longer match their hash without them. The response is complete if it contains the record that `Conntrack-Journal-Head` names. With `follow=true` it continues with each new record until the client disconnects: each record is sent once, a change as its intent and later its outcome. If there is none for 15 s, an empty line is sent. To resume after an interruption, send the sequence number, or SEQUENCE:HASH, of the last record that was received as `after`. The stream ends when the service stops; it breaks off without its end if the token becomes invalid, the client reads nothing for 60 s, or its next record was archived. 16 clients can follow the journal at once, with one token 8.',
  })
  @ApiOkResponse({
    description: 'The records, one per line.',
    headers: JOURNAL_HEAD,
    content: {
      'application/x-ndjson': {
        schema: {
          type: 'string',
          description:
            'One JSON object per line with `sequence`, `kind`, `changeId`, `recordedAt`, `previousHash`, `hash` and `content`. `kind` is `intent` or `outcome` of a change, `token` if a token was created, rotated or revoked, `archive` if older records were moved to a file, `restore` if the journal was restored from a backup, `guard` or `desired` if that configuration was replaced, or `origin` of a new journal; `changeId` is 0 if the record belongs to no change. `content` is the exact text that was hashed.',
        },
      },
    },
  })
  @Problems('INVALID_FILTER', 'RECORD_NOT_FOUND', 'ARCHIVED', 'TOO_MANY_DUMPS', 'JOURNAL_UNAVAILABLE')
  export(@Query() query: ExportQueryDto, @AcceptedToken() token: Token, @HasBody() hasBody: boolean): StreamableFile {
    return exportResponse(this.journal, this.followers, { query, owner: token.id, hasBody });
  }
}
