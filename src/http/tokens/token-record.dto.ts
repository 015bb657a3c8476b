import { ApiProperty } from '@nestjs/swagger';
import { TOKEN_ACTIONS, type TokenAction, type TokenRecord, type TokenState } from '../../application/ports/tokens.ts';
import { ActorDto } from '../documents/changed-parts.dto.ts';
import { ResponseDto } from '../documents/response.dto.ts';

export class TokenStateDto implements TokenState {
  @ApiProperty({ description: 'Name of the token.', example: 'deploy' })
  readonly name!: string;
  @ApiProperty({ type: 'string', isArray: true, description: 'Scopes of the token.', example: ['table:read', 'settings:write'] })
  readonly scopes!: readonly string[];
  @ApiProperty({ description: 'When the token was created. RFC 3339, UTC.', example: '2026-11-22T19:33:00.000Z' })
  readonly createdAt!: string;
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'When the token expires. `null`: never.',
    example: '2026-12-22T19:33:00.000Z',
  })
  readonly expiresAt!: string | null;
  @ApiProperty({ type: 'string', nullable: true, description: 'When the token was revoked. `null`: not revoked.', example: null })
  readonly revokedAt!: string | null;
  @ApiProperty({ type: 'string', nullable: true, description: 'Id of the token that this one replaces. `null`: none.', example: null })
  readonly succeeds!: string | null;
  @ApiProperty({
    description:
      'SHA-256 that changes if the secret is replaced. It is derived from the stored hash of the secret and reveals neither the secret nor that hash.',
    example: '0f5d2a6d1c9be2ff8ef0f6a7d2b1c95cb3a9b3b15b2f0d5e7a1c4f9e8d7c6b5a',
  })
  readonly secretDigest!: string;
}

export class TokenRecordItemDto {
  @ApiProperty({ type: 'integer', description: 'Sequence number of the record in the journal.', example: 12 })
  readonly sequence!: number;
  @ApiProperty({ description: 'Hash of the record.', example: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c' })
  readonly hash!: string;
  @ApiProperty({ format: 'date-time', description: 'When it happened. RFC 3339, UTC.', example: '2026-11-22T19:33:00.000Z' })
  readonly at!: string;
  @ApiProperty({
    enum: [...TOKEN_ACTIONS],
    description: 'What happened. `adopted`: the token existed before tokens were recorded, and its state was recorded at the upgrade.',
    example: 'created',
  })
  readonly action!: TokenAction;
  @ApiProperty({
    type: () => ActorDto,
    description: 'Who did it. The token id is `command-line` for a command on the host, and `service` for the service itself.',
  })
  readonly actor!: ActorDto;
  @ApiProperty({ type: 'string', nullable: true, description: 'Id of the request. `null`: not requested over HTTP.', example: null })
  readonly requestId!: string | null;
  @ApiProperty({
    type: () => TokenStateDto,
    nullable: true,
    description: 'State before. `null`: the token did not exist or was not recorded.',
  })
  readonly before!: TokenStateDto | null;
  @ApiProperty({ type: () => TokenStateDto, description: 'State after.' })
  readonly after!: TokenStateDto;
  @ApiProperty({
    required: false,
    description: 'Present if the token had been altered outside this service: how `before` differs from the record before.',
    example: 'scopes: recorded ["table:read"], found ["table:read","tokens:admin"]',
  })
  readonly altered?: string;
}

export class TokenRecordDto extends ResponseDto {
  @ApiProperty({ type: () => TokenRecordItemDto, isArray: true, description: 'Records of the token, oldest first.' })
  readonly items!: readonly TokenRecordItemDto[];

  static of(records: readonly TokenRecord[]): TokenRecordDto {
    return {
      items: records.map(({ by: { actor, requestId }, at, ...record }) => ({
        ...record,
        at: at.toISOString(),
        actor,
        requestId,
      })),
    };
  }
}
