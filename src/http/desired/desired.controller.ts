import { Body, Controller, Get, Put, Res, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ConfigureDesired } from '../../application/desired/configure-desired.ts';
import { RestoreDesired } from '../../application/desired/restore-desired.ts';
import type { DesiredRecord } from '../../application/ports/journal.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { ConditionalRead } from '../preconditions/conditional-reads.ts';
import { MatchesEtag } from '../preconditions/conditions.decorator.ts';
import { configurationEtag } from '../preconditions/etag.ts';
import { ETAG, IF_MATCH, JOURNAL_HEAD } from '../preconditions/headers.ts';
import type { EtagCheck } from '../preconditions/if-match.ts';
import { JournalHeadInterceptor } from '../preconditions/journal-head.interceptor.ts';
import { ConfigureDesiredDto, DesiredDto, DesiredStatusDto } from './desired.dto.ts';

@ApiTags('settings')
@Controller('api/v1/desired')
export class DesiredController {
  constructor(
    private readonly configuration: ConfigureDesired,
    private readonly restore: RestoreDesired,
  ) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readDesired',
    summary: 'Get the desired state',
    description: 'Returns what settings should be. `GET /api/v1/desired/status` compares it with the live values.',
  })
  @ConditionalRead()
  @ApiOkResponse({ type: DesiredDto, description: 'The desired state.', headers: ETAG })
  read(@Res({ passthrough: true }) reply: FastifyReply): DesiredDto {
    return withEtag(this.configuration.current(), reply);
  }

  @Put()
  @RequiresScope('settings:write')
  @ApiOperation({
    operationId: 'configureDesired',
    summary: 'Configure the desired state',
    description:
      'Replaces the desired state of the network namespace of the service; `{"settings": {}}` ends it. It is recorded in the journal. The live values are compared every 10 s: with `restore`, a setting that another program ' +
      'changed is set again, as a recorded change by `desired` that names the change it corrects, at most `restoresPerDay` times within 24 h. A change through this service is a decision, and is left alone until the next `PUT`. Boot files are not written.',
  })
  @ApiHeader({
    ...IF_MATCH,
    description:
      'ETags of `GET /api/v1/desired`, or `*`. If the current ETag is not in the list, nothing changes and the response is 412. Required if the service runs with `--require-if-match`.',
  })
  @UseInterceptors(JournalHeadInterceptor)
  @ApiOkResponse({ type: DesiredDto, description: 'The new desired state.', headers: { ...ETAG, ...JOURNAL_HEAD } })
  @Problems(
    'CONNTRACK_NOT_LOADED',
    'MALFORMED_JSON',
    'DUPLICATE_FIELD',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'PRECONDITION_FAILED',
    'PRECONDITION_REQUIRED',
    'SETTING_UNKNOWN',
    'SETTING_NOT_WRITABLE',
    'VALUE_OUT_OF_RANGE',
  )
  async configure(
    @Body() body: ConfigureDesiredDto,
    @MatchesEtag('desired') matches: EtagCheck | null,
    @Caller() caller: CallerOf,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DesiredDto> {
    const state = ConfigureDesiredDto.toState(body);
    return withEtag(
      await this.configuration.run(caller, state, matches && ((current) => matches(configurationEtag('desired', current)))),
      reply,
    );
  }

  @Get('status')
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readDesiredStatus',
    summary: 'Compare the live values with the desired state',
    description: 'Returns each setting of the desired state with its live value, whether it is as desired, and who changed it.',
  })
  @ApiOkResponse({ type: DesiredStatusDto, description: 'The comparison.' })
  @Problems('CONNTRACK_NOT_LOADED')
  status(): Promise<DesiredStatusDto> {
    return this.restore.status().then((statuses) => DesiredStatusDto.of(statuses));
  }
}

function withEtag(record: DesiredRecord | undefined, reply: FastifyReply): DesiredDto {
  reply.header('etag', configurationEtag('desired', record));
  return DesiredDto.of(record);
}
