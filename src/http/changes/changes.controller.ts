import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Confirmations } from '../../application/change/confirmations.ts';
import { Journal } from '../../application/ports/journal.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { ChangeIdPipe } from '../input/change-id.pipe.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { ConditionalRead } from '../preconditions/conditional-reads.ts';
import { ETAG } from '../preconditions/headers.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { ChangePageDto } from './change-page.dto.ts';
import { ChangesQueryDto } from './changes-query.dto.ts';

export const CHANGE_ID = { name: 'id', description: 'Change id.', example: 7, schema: { type: 'integer', minimum: 1 } } as const;

@ApiTags('changes')
@Controller('api/v1/changes')
export class ChangesController {
  constructor(
    private readonly journal: Journal,
    private readonly confirmations: Confirmations,
  ) {}

  @Get()
  @RequiresScope('changes:read')
  @ApiOperation({
    operationId: 'listChanges',
    summary: 'List changes',
    description:
      'Returns recorded changes, including failed changes and rollbacks, newest first, one page at a time. Deletions are listed without the deleted entries, and without the scope `entries:read` also without the filter or entry id.',
  })
  @ApiOkResponse({ type: ChangePageDto, description: 'A page of changes.' })
  @Problems('INVALID_FILTER', 'INVALID_CURSOR', 'JOURNAL_UNAVAILABLE')
  list(@Query() query: ChangesQueryDto, @Caller() caller: CallerOf): ChangePageDto {
    return ChangePageDto.read(this.journal, query, caller);
  }

  @Get(':id')
  @RequiresScope('changes:read')
  @ApiOperation({
    operationId: 'readChange',
    summary: 'Get a change',
    description:
      'Returns who requested the change and why, the values before, as requested and after, and the outcome. For a deletion it includes the deleted entries. Without the scope `entries:read`, the deletion has `entriesWithheld` instead of entries, filter and entry id.',
  })
  @ApiParam(CHANGE_ID)
  @ConditionalRead()
  @ApiOkResponse({ type: ChangeDto, description: 'The change.', headers: ETAG })
  @Problems('CHANGE_NOT_FOUND', 'ARCHIVED', 'JOURNAL_UNAVAILABLE')
  one(@Param('id', ChangeIdPipe) id: number, @Caller() caller: CallerOf): ChangeDto {
    const change = this.journal.get(id);
    return ChangeDto.of(change, caller, this.confirmations.windowFor(change));
  }
}
