import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ConfirmChange } from '../../application/change/confirm-change.ts';
import { Confirmations } from '../../application/change/confirmations.ts';
import { Clock } from '../../application/ports/clock.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { ChangeIdPipe } from '../input/change-id.pipe.ts';
import { Conditions, type RequestConditions } from '../preconditions/conditions.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { MutatesHost, NAMESPACE_CHANGE_PROBLEMS } from '../preconditions/mutates-host.decorator.ts';
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
    private readonly confirmations: Confirmations,
    private readonly clock: Clock,
  ) {}

  @Get('awaiting-confirmation')
  @RequiresScope('changes:read')
  @ApiOperation({
    operationId: 'listAwaitingConfirmation',
    summary: 'List changes awaiting confirmation',
    description:
      'Returns the changes whose confirmation window is open. Each is rolled back automatically if it is not confirmed by `confirmBy`. ' +
      '`pendingSettings` names the settings that still await the confirmation: a later change with a confirmation window takes over the settings that it contains, and a revert then leaves them to that change. ' +
      'A change of which nothing is left to confirm is not listed.',
  })
  @ApiOkResponse({ type: AwaitingListDto, description: 'All changes awaiting confirmation.' })
  awaiting(@Caller() caller: CallerOf): AwaitingListDto {
    return AwaitingListDto.of(this.confirmations.awaiting(), this.clock, caller);
  }

  @Post(':id/confirm')
  @RequiresScope('settings:write')
  @ApiOperation({
    operationId: 'confirmChange',
    summary: 'Confirm a change',
    description:
      'Ends the confirmation window of a change and keeps the settings that still await its confirmation. Settings that a later change took over are listed in `supersededSettings`; they are neither confirmed nor persisted. If the change was requested with `persist`, its boot files are written now, which also needs the scope `settings:persist`. ' +
      'A raise of the capacity guard has no window; if it was made with `persist: afterConfirm`, this writes its boot files. ' +
      'If the window was extended, confirm the original change, not the extension. The body is optional.',
  })
  @ApiParam(CHANGE_ID)
  @ApiBody({ type: ConfirmDto, required: false })
  @ApiOkResponse({ type: ChangeDto, description: 'The recorded confirmation.', headers: JOURNAL_HEAD })
  @MutatesHost(...NAMESPACE_CHANGE_PROBLEMS, 'CHANGE_NOT_FOUND', 'ARCHIVED', 'NOT_AWAITING_CONFIRMATION')
  async confirm(
    @Param('id', ChangeIdPipe) id: number,
    @Body() body: ConfirmDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
  ): Promise<ChangeDto> {
    return changeResponse(
      await this.confirmChange.run(caller, id, body.reason ?? null, ChangeOptionsDto.toTerms(body, conditions)),
      caller,
    );
  }
}
