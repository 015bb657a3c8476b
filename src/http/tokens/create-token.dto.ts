import { ApiProperty } from '@nestjs/swagger';
import type { Tokens } from '../../application/ports/tokens.ts';
import { SCOPES, type Caller, type Scope } from '../../domain/token.ts';
import { requireScopes } from '../access/caller.decorator.ts';
import { isLine, isListOf, isTimestamp } from '../input/checks.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';

const NAME_MAX_LENGTH = 64;

export class CreateTokenDto {
  @ApiProperty({
    minLength: 1,
    maxLength: NAME_MAX_LENGTH,
    description: 'Who or what will use it; changes record this name.',
    example: 'deploy',
  })
  @Expect(`one to ${String(NAME_MAX_LENGTH)} characters of plain text`, isLine(NAME_MAX_LENGTH))
  readonly name!: string;

  @ApiProperty({
    enum: [...SCOPES],
    isArray: true,
    minItems: 1,
    uniqueItems: true,
    description: 'What it may do: no more than the token that creates it.',
    example: ['table:read', 'settings:write'],
  })
  @Expect(`a list, without repetition, of ${SCOPES.join(', ')}`, isScopeList)
  readonly scopes!: readonly Scope[];

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When it stops working, RFC 3339; left out: never.',
    example: '2026-12-22T19:33:00Z',
  })
  @Expect('an RFC 3339 time such as 2026-12-22T19:33:00Z', isTimestamp)
  @Optional()
  readonly expiresAt?: string;

  /** What `Tokens.create` takes. @throws ConntrackError `INSUFFICIENT_SCOPE`: nobody can give away what they do not have. */
  static toGrant({ name, scopes, expiresAt }: CreateTokenDto, caller: Caller): Parameters<Tokens['create']> {
    requireScopes(caller, scopes, 'a token that has it');
    return [name, scopes, expiresAt === undefined ? null : new Date(expiresAt)];
  }
}

function isScopeList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && isListOf(SCOPES)(value);
}
