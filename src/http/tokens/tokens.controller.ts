import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Tokens } from '../../application/ports/tokens.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { CreateTokenDto } from './create-token.dto.ts';
import { CreatedTokenDto, TokenDto, TokenListDto } from './token.dto.ts';

@ApiTags('tokens')
@Controller('api/v1/tokens')
export class TokensController {
  constructor(private readonly tokens: Tokens) {}

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
    description: 'The secret is in this answer only. A token can be given no scope that the creating one lacks.',
  })
  @ApiCreatedResponse({ type: CreatedTokenDto, description: 'The token, with its secret.' })
  @Problems('INVALID_REQUEST', 'MALFORMED_JSON', 'DUPLICATE_FIELD', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'JOURNAL_UNAVAILABLE')
  create(@Body() body: CreateTokenDto, @Caller() caller: CallerOf): CreatedTokenDto {
    return CreatedTokenDto.ofSecret(this.tokens.create(...CreateTokenDto.toGrant(body, caller)));
  }

  @Delete(':id')
  @RequiresScope('tokens:admin')
  @ApiOperation({
    operationId: 'revokeToken',
    summary: 'Revoke a token',
    description: 'Effective at once and for good. Revoking a revoked token changes nothing.',
  })
  @ApiParam({ name: 'id', description: 'Public id of the token.', example: '3f9c2ab81d04', schema: { type: 'string' } })
  @ApiOkResponse({ type: TokenDto, description: 'The token, revoked.' })
  @Problems('INVALID_REQUEST', 'TOKEN_NOT_FOUND', 'JOURNAL_UNAVAILABLE')
  revoke(@Param('id') id: string): TokenDto {
    return TokenDto.of(this.tokens.revoke(id));
  }
}
