import { Body, Controller, Delete, Get, Param, Post, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IssueTokens } from '../../application/access/issue-tokens.ts';
import { Tokens } from '../../application/ports/tokens.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { JournalHeadInterceptor } from '../preconditions/journal-head.interceptor.ts';
import { CreateTokenDto } from './create-token.dto.ts';
import { RotateTokenDto } from './rotate-token.dto.ts';
import { CreatedTokenDto, TokenDto, TokenListDto } from './token.dto.ts';
import { TokenRecordDto } from './token-record.dto.ts';

const TOKEN_ID = { name: 'id', description: 'Public id of the token.', example: '3f9c2ab81d04', schema: { type: 'string' } } as const;
const BODY_PROBLEMS = ['INVALID_REQUEST', 'MALFORMED_JSON', 'DUPLICATE_FIELD', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;

@ApiTags('tokens')
@Controller('api/v1/tokens')
export class TokensController {
  constructor(
    private readonly tokens: Tokens,
    private readonly issueTokens: IssueTokens,
  ) {}

  @Get()
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'listTokens',
    summary: 'List tokens',
    description:
      'Returns name, scopes and dates of every token. Secrets are not stored and cannot be shown. A token that differs from its record in the journal has `altered`, and is refused.',
  })
  @ApiOkResponse({ type: TokenListDto, description: 'All tokens.' })
  @Problems('JOURNAL_UNAVAILABLE')
  list(): TokenListDto {
    return TokenListDto.of(this.tokens.list());
  }

  @Post()
  @UseInterceptors(JournalHeadInterceptor)
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'createToken',
    summary: 'Create a token',
    description:
      'Creates a token and returns its secret, which is shown only in this response. The token cannot have scopes that the creating token lacks, and is valid for at most 365 days.',
  })
  @ApiCreatedResponse({ type: CreatedTokenDto, description: 'The token, with its secret.', headers: JOURNAL_HEAD })
  @Problems(...BODY_PROBLEMS, 'JOURNAL_UNAVAILABLE')
  create(@Body() body: CreateTokenDto, @Caller() caller: CallerOf): Promise<CreatedTokenDto> {
    return this.issueTokens.create(caller, CreateTokenDto.toWanted(body)).then((created) => CreatedTokenDto.ofSecret(created));
  }

  @Get(':id/record')
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'readTokenRecord',
    summary: 'Get the record of a token',
    description:
      'Returns who created, rotated and revoked a token, and when, with its state before and after, oldest first. These records are part of the chain of the journal, and are exported and verified with it. A token that existed before tokens were recorded begins with `adopted`.',
  })
  @ApiParam(TOKEN_ID)
  @ApiOkResponse({ type: TokenRecordDto, description: 'The records of the token.' })
  @Problems('TOKEN_NOT_FOUND', 'JOURNAL_UNAVAILABLE')
  record(@Param('id') id: string): TokenRecordDto {
    return TokenRecordDto.of(this.tokens.recordsOf(id));
  }

  @Post(':id/rotate')
  @UseInterceptors(JournalHeadInterceptor)
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'rotateToken',
    summary: 'Rotate a token',
    description:
      'Creates a successor with the same name, scopes and lifetime, and returns its secret. The old token stays valid for `overlapSeconds`, so that clients can be updated, but not ' +
      'beyond its expiry. A token has only one successor: if this response was lost, revoke the successor and create a new token. The caller needs every scope of the token. The body is optional.',
  })
  @ApiParam(TOKEN_ID)
  @ApiBody({ type: RotateTokenDto, required: false })
  @ApiCreatedResponse({ type: CreatedTokenDto, description: 'The successor, with its secret.', headers: JOURNAL_HEAD })
  @Problems(...BODY_PROBLEMS, 'TOKEN_NOT_FOUND', 'TOKEN_NOT_CURRENT', 'JOURNAL_UNAVAILABLE')
  rotate(@Param('id') id: string, @Body() body: RotateTokenDto, @Caller() caller: CallerOf): Promise<CreatedTokenDto> {
    return this.issueTokens.rotate(caller, id, RotateTokenDto.toOverlap(body)).then((successor) => CreatedTokenDto.ofSecret(successor));
  }

  @Delete(':id')
  @UseInterceptors(JournalHeadInterceptor)
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'revokeToken',
    summary: 'Revoke a token',
    description:
      'Revokes a token at once and permanently. Running streams that use it end within a second. Revoking a revoked token changes nothing. Revoking a token that was altered outside this service records what was found. The last token with the scope `tokens:admin` that is ' +
      'valid for at least another day can be revoked only on the host, with the command line.',
  })
  @ApiParam(TOKEN_ID)
  @ApiOkResponse({ type: TokenDto, description: 'The revoked token.', headers: JOURNAL_HEAD })
  @Problems('TOKEN_NOT_FOUND', 'LAST_ADMIN_TOKEN', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'JOURNAL_UNAVAILABLE')
  revoke(@Param('id') id: string, @Caller() caller: CallerOf): Promise<TokenDto> {
    return this.issueTokens.revoke(caller, id).then((revoked) => TokenDto.of(revoked));
  }
}
