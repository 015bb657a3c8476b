import { Body, Controller, Get, Put, Res, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ConfigureGuard } from '../../application/guard/configure-guard.ts';
import { GuardCapacity } from '../../application/guard/guard-capacity.ts';
import type { GuardRecord } from '../../application/ports/journal.ts';
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
import { ConfigureGuardDto, GuardDto, GuardPreviewDto } from './guard.dto.ts';

@ApiTags('settings')
@Controller('api/v1/guard')
export class GuardController {
  constructor(
    private readonly configuration: ConfigureGuard,
    private readonly guard: GuardCapacity,
  ) {}

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readGuard',
    summary: 'Get the configuration of the capacity guard',
    description:
      'Returns the configuration of the guard, which raises `max` before the table is full. It is off until it is configured. `GET /api/v1/guard/preview` returns what it does now.',
  })
  @ConditionalRead()
  @ApiOkResponse({ type: GuardDto, description: 'The configuration.', headers: ETAG })
  read(@Res({ passthrough: true }) reply: FastifyReply): GuardDto {
    return withEtag(this.configuration.current(), reply);
  }

  @Put()
  @RequiresScope('settings:write')
  @ApiOperation({
    operationId: 'configureGuard',
    summary: 'Configure the capacity guard',
    description:
      'Replaces the configuration; absent fields have their defaults. It is recorded in the journal, and a guard that was suspended or `CONTESTED` starts again. `persist` other than `never` also needs the scope `settings:persist`. ' +
      'Each raise is a recorded change by `guard` with its evidence, and can be rolled back, which suspends the guard.',
  })
  @ApiHeader({
    ...IF_MATCH,
    description:
      'ETags of `GET /api/v1/guard`, or `*`. If the current ETag is not in the list, nothing changes and the response is 412. Required if the service runs with `--require-if-match`.',
  })
  @UseInterceptors(JournalHeadInterceptor)
  @ApiOkResponse({ type: GuardDto, description: 'The new configuration.', headers: { ...ETAG, ...JOURNAL_HEAD } })
  @Problems(
    'MALFORMED_JSON',
    'DUPLICATE_FIELD',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_MEDIA_TYPE',
    'PRECONDITION_FAILED',
    'PRECONDITION_REQUIRED',
    'VALUE_OUT_OF_RANGE',
  )
  async configure(
    @Body() body: ConfigureGuardDto,
    @MatchesEtag('guard') matches: EtagCheck | null,
    @Caller() caller: CallerOf,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GuardDto> {
    const config = ConfigureGuardDto.toConfig(body, caller);
    return withEtag(
      await this.configuration.run(caller, config, matches && ((current) => matches(configurationEtag('guard', current)))),
      reply,
    );
  }

  @Get('preview')
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'previewGuard',
    summary: 'Preview the capacity guard',
    description: 'Returns what the guard does now, and why: it reads count and max, the forecast, and what became of its earlier raises.',
  })
  @ApiOkResponse({ type: GuardPreviewDto, description: 'What the guard does now.' })
  @Problems('CONNTRACK_NOT_LOADED')
  preview(): Promise<GuardPreviewDto> {
    return this.guard.status().then((status) => GuardPreviewDto.of(status));
  }
}

function withEtag(record: GuardRecord | undefined, reply: FastifyReply): GuardDto {
  reply.header('etag', configurationEtag('guard', record));
  return GuardDto.of(record);
}
