import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Token } from '../../domain/token.ts';
import { AnyToken } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { WhoamiDto } from './token.dto.ts';

@ApiTags('tokens')
@Controller('api/v1/whoami')
export class WhoamiController {
  @Get()
  @AnyToken()
  @ApiOperation({
    operationId: 'whoAmI',
    summary: 'The token of this request',
    description:
      'Name, scopes and expiry of the token that is sent; of a JWT, also who issued it and for whom; over a unix socket and without a token, the user who calls.',
  })
  @ApiOkResponse({ type: WhoamiDto, description: 'The token.' })
  read(@AcceptedToken() token: Token): WhoamiDto {
    return WhoamiDto.ofSender(token);
  }
}
