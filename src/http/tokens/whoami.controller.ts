import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Token } from '../../domain/token.ts';
import { AnyToken } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { BuildInfo } from '../metrics/collectors/collect-process.ts';
import { WhoamiDto } from './token.dto.ts';

@ApiTags('tokens')
@Controller('api/v1/whoami')
export class WhoamiController {
  constructor(private readonly build: BuildInfo) {}

  @Get()
  @AnyToken()
  @ApiOperation({
    operationId: 'whoAmI',
    summary: 'Get the token of this request',
    description:
      'Returns name, scopes and expiry of the token of this request. For a JWT it includes the issuer and the subject. Without a token on the unix socket, it describes the calling user.',
  })
  @ApiOkResponse({ type: WhoamiDto, description: 'The token of this request.' })
  read(@AcceptedToken() token: Token): WhoamiDto {
    return WhoamiDto.ofSender(token, this.build.version);
  }
}
