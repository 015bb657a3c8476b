import { ApiProperty } from '@nestjs/swagger';
import type { NewToken } from '../../application/ports/tokens.ts';
import { SCOPES, type Scope, type Token } from '../../domain/token.ts';
import { ResponseDto } from '../documents/response.dto.ts';

export class TokenDto extends ResponseDto {
  @ApiProperty({ description: 'Public id of the token. Not a secret.', example: '3f9c2ab81d04' })
  readonly id!: string;
  @ApiProperty({ description: 'Name of the token, as recorded in changes.', example: 'deploy' })
  readonly name!: string;
  @ApiProperty({ enum: [...SCOPES], isArray: true, description: 'Scopes of the token.', example: ['table:read', 'settings:write'] })
  readonly scopes!: readonly Scope[];
  @ApiProperty({ format: 'date-time', description: 'When the token was created. RFC 3339, UTC.', example: '2026-11-22T19:33:00.000Z' })
  readonly createdAt!: string;
  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When the token expires. RFC 3339, UTC. `null`: never.',
    example: '2026-12-22T19:33:00.000Z',
  })
  readonly expiresAt!: string | null;
  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When the token was revoked. RFC 3339, UTC. `null`: not revoked.',
    example: null,
  })
  readonly revokedAt!: string | null;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Id of the token that this one replaces. `null`: none.',
    example: null,
  })
  readonly succeeds!: string | null;
  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When the token was last used. RFC 3339, UTC. Up to a minute too early if the service was killed. `null`: never.',
    example: '2026-11-23T07:02:11.000Z',
  })
  readonly lastUsedAt!: string | null;

  @ApiProperty({
    type: 'string',
    required: false,
    description:
      'Present if the token was altered outside this service: its recorded and its stored fields. It is refused, and shown without scopes.',
    example: 'scopes: recorded ["table:read"], found ["table:read","tokens:admin"]',
  })
  readonly altered?: string;

  static of(token: Token): TokenDto {
    return toFields(token);
  }
}

export class CreatedTokenDto extends TokenDto {
  @ApiProperty({
    description: 'The secret, shown only in this response. Send it as `Authorization: Bearer <token>`.',
    example: 'ctapi_3f9c2ab81d04_…',
  })
  readonly token!: string;

  static ofSecret({ token, secret }: NewToken): CreatedTokenDto {
    return { ...toFields(token), token: secret };
  }
}

export class WhoamiDto extends TokenDto {
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Issuer of the JWT; `unix socket` for a user on the unix socket. `null` for a token of this service.',
    example: 'https://login.example',
  })
  readonly issuer!: string | null;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Subject of the JWT, or the user on the unix socket. `null` for a token of this service.',
    example: 'ada@example.org',
  })
  readonly subject!: string | null;

  @ApiProperty({ description: 'Version of the service.', example: '1.4.0' })
  readonly version!: string;

  static ofSender(token: Token, version: string): WhoamiDto {
    return { ...toFields(token), issuer: token.identity?.issuer ?? null, subject: token.identity?.subject ?? null, version };
  }
}

export class TokenListDto extends ResponseDto {
  @ApiProperty({ type: () => TokenDto, isArray: true, description: 'All tokens, including revoked and expired tokens.' })
  readonly items!: readonly TokenDto[];

  static of(tokens: readonly Token[]): TokenListDto {
    return { items: tokens.map((token) => TokenDto.of(token)) };
  }
}

function toFields({ id, name, scopes, createdAt, expiresAt, revokedAt, succeeds, lastUsedAt, altered }: Token) {
  return {
    id,
    name,
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    succeeds,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    ...(altered !== undefined && { altered }),
  };
}
