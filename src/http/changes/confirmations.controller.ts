import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ConfirmChange } from '../../application/change/confirm-change.ts';
import { Clock } from '../../application/ports/clock.ts';
import { Journal } from '../../application/ports/journal.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { ChangeIdPipe } from '../input/change-id.pipe.ts';
import { Conditions, type RequestConditions } from '../preconditions/conditions.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { MutatesHost } from '../preconditions/mutates-host.decorator.ts';
import { AwaitingListDto } from './awaiting.dto.ts';
import { changeResponse } from '../problem/change-response.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { CHANGE_ID } from './changes.controller.ts';
import { ConfirmDto } from './reason.dto.ts';
import { ChangeOptionsDto } from './change-options.dto.ts';

@ApiTags('changes')
@Controller('api/v1/changes')
export class ConfirmationsController {
  constructor(
    private readonly confirmChange: ConfirmChange,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  @Get('awaiting-confirmation')
  @RequiresScope('changes:read')
  @ApiOperation({
    operationId: 'listAwaitingConfirmation',
    summary: 'Changes that will be undone unless they are confirmed',
    description: 'Changes with a confirmation window that has neither been ended nor run out.',
  })
  @ApiOkResponse({ type: AwaitingListDto, description: 'All of them.' })
  awaiting(): AwaitingListDto {
    return AwaitingListDto.of(this.journal.awaitingConfirmation(), this.clock);
  }

  @Post(':id/confirm')
  @RequiresScope('settings:write')
  @ApiOperation({
    operationId: 'confirmChange',
    summary: 'Confirm a change',
    description:
      'Ends the confirmation window of a change: it stays, and its boot files are written now where it asked for that, which needs the scope `settings:persist` too. ' +
      'An extended window still belongs to the original change: confirm that change, not the extension. The body may be left out.',
  })
  @ApiParam(CHANGE_ID)
  @ApiBody({ type: ConfirmDto, required: false })
  @ApiOkResponse({ type: ChangeDto, description: 'The confirmation, as recorded.', headers: JOURNAL_HEAD })
  @MutatesHost('CHANGE_NOT_FOUND', 'NOT_AWAITING_CONFIRMATION')
  async confirm(
    @Param('id', ChangeIdPipe) id: number,
    @Body() body: ConfirmDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
  ): Promise<ChangeDto> {
    return changeResponse(await this.confirmChange.run(caller, id, body.reason ?? null, ChangeOptionsDto.toTerms(body, conditions)));
  }
}
