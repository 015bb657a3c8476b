import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { IssueTokens } from '../../application/access/issue-tokens.ts';
import { Tokens } from '../../application/ports/tokens.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { CreateTokenDto } from './create-token.dto.ts';
import { RotateTokenDto } from './rotate-token.dto.ts';
import { CreatedTokenDto, TokenDto, TokenListDto } from './token.dto.ts';

const TOKEN_ID = { name: 'id', description: 'Public id of the token.', example: '3f9c2ab81d04', schema: { type: 'string' } } as const;
const BODY_PROBLEMS = ['INVALID_REQUEST', 'MALFORMED_JSON', 'DUPLICATE_FIELD', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;

@ApiTags('tokens')
@Controller('api/v1/tokens')
export class TokensController {
  constructor(
    private readonly tokens: Tokens,
    private readonly giving: IssueTokens,
  ) {}

  @Get()
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'listTokens',
    summary: 'All tokens',
    description: 'Names, scopes and dates; secrets are not kept and cannot be shown.',
  })
  @ApiOkResponse({ type: TokenListDto, description: 'All tokens.' })
  @Problems('JOURNAL_UNAVAILABLE')
  list(): TokenListDto {
    return TokenListDto.of(this.tokens.list());
  }

  @Post()
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'createToken',
    summary: 'Create a token',
    description: 'The secret is in this answer only. A token can be given no scope that the creating one lacks, and at most a year.',
  })
  @ApiCreatedResponse({ type: CreatedTokenDto, description: 'The token, with its secret.' })
  @Problems(...BODY_PROBLEMS, 'JOURNAL_UNAVAILABLE')
  create(@Body() body: CreateTokenDto, @Caller() caller: CallerOf): CreatedTokenDto {
    return CreatedTokenDto.ofSecret(this.giving.create(caller, CreateTokenDto.toWanted(body)));
  }

  @Post(':id/rotate')
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'rotateToken',
    summary: 'Replace a token',
    description:
      'Makes a successor with the same name and scopes, whose life is as long as the old one was made for. The old one works on for an overlap, to change it where it is used, and never ' +
      'longer than it would have. A token has one successor: where this answer was lost, revoke that one and make a new token. The caller needs every scope of the token. The body may be left out.',
  })
  @ApiParam(TOKEN_ID)
  @ApiBody({ type: RotateTokenDto, required: false })
  @ApiCreatedResponse({ type: CreatedTokenDto, description: 'The successor, with its secret.' })
  @Problems(...BODY_PROBLEMS, 'TOKEN_NOT_FOUND', 'TOKEN_NOT_CURRENT', 'JOURNAL_UNAVAILABLE')
  rotate(@Param('id') id: string, @Body() body: RotateTokenDto, @Caller() caller: CallerOf): CreatedTokenDto {
    return CreatedTokenDto.ofSecret(this.giving.rotate(caller, id, RotateTokenDto.toOverlap(body)));
  }

  @Delete(':id')
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'revokeToken',
    summary: 'Revoke a token',
    description:
      'Effective at once and for good; a stream that is under way with it is cut off within a second. Revoking a revoked token changes nothing. The last token with tokens:admin that is ' +
      'valid for another day can only be revoked on the host, by the command line.',
  })
  @ApiParam(TOKEN_ID)
  @ApiOkResponse({ type: TokenDto, description: 'The token, revoked.' })
  @Problems('TOKEN_NOT_FOUND', 'LAST_ADMIN_TOKEN', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'JOURNAL_UNAVAILABLE')
  revoke(@Param('id') id: string): TokenDto {
    return TokenDto.of(this.tokens.revoke(id));
  }
}
