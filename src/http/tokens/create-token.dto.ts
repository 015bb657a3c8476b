import { ApiProperty } from '@nestjs/swagger';
import type { WantedToken } from '../../application/access/issue-tokens.ts';
import { TOKEN_NAME_MAX_LENGTH } from '../../domain/plain-line.ts';
import { SCOPES, type Scope } from '../../domain/token.ts';
import { isLine, isListOf, isTimestamp } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

export class CreateTokenDto {
  @ApiProperty({
    minLength: 1,
    maxLength: TOKEN_NAME_MAX_LENGTH,
    description: 'Name of the client that will use the token. Changes record this name.',
    example: 'deploy',
  })
  @Expect(`one to ${String(TOKEN_NAME_MAX_LENGTH)} characters of plain text, none of them invisible`, isLine(TOKEN_NAME_MAX_LENGTH))
  readonly name!: string;

  @ApiProperty({
    enum: [...SCOPES],
    isArray: true,
    minItems: 1,
    uniqueItems: true,
    description: 'Scopes of the token. It cannot have scopes that the creating token lacks.',
    example: ['table:read', 'settings:write'],
  })
  @Expect(`a list, without repetition, of ${SCOPES.join(', ')}`, isScopeList)
  readonly scopes!: readonly Scope[];

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'Expiry, RFC 3339, at most 365 days from now. Default: in 365 days.',
    example: '2026-12-22T19:33:00Z',
  })
  @Expect('an RFC 3339 time such as 2026-12-22T19:33:00Z', isTimestamp)
  @Optional()
  readonly expiresAt?: string;

  static toWanted({ name, scopes, expiresAt }: CreateTokenDto): WantedToken {
    return { name, scopes, ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }) };
  }
}

function isScopeList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && isListOf(SCOPES)(value);
}
