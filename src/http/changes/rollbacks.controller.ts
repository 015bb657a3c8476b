import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ChangeTerms } from '../../application/change/change-terms.ts';
import { RollBackChange, type RollbackRequest } from '../../application/change/roll-back-change.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller, requireScopes } from '../access/caller.decorator.ts';
import { ChangeIdPipe } from '../input/change-id.pipe.ts';
import { Conditions, type RequestConditions } from '../preconditions/conditions.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { MutatesHost, VALUE_PROBLEMS } from '../preconditions/mutates-host.decorator.ts';
import type { ChangeDto } from '../documents/change.dto.ts';
import { CHANGE_ID } from './changes.controller.ts';
import type { DryRunDto } from '../documents/plan.dto.ts';
import { ApiPlanOrChange, planOrChange } from './plan-or-change.ts';
import { RollBackDto, RollBackToDto } from './roll-back.dto.ts';
import { ChangeOptionsDto } from './change-options.dto.ts';

@ApiTags('changes')
@Controller('api/v1/changes')
export class RollbacksController {
  constructor(private readonly rollBackChange: RollBackChange) {}

  @Post(':id/rollback')
  @RequiresScope('settings:write', 'settings:persist')
  @ApiOperation({
    operationId: 'rollBackChange',
    summary: 'Roll back a change',
    description:
      'Restores the live values and boot files from before the change, byte for byte; files that the change created are removed. A change and its confirmation are rolled back together, whichever of the two is named, and a window that is still open ends. ' +
      'If any of them was changed since, the response is 409 with the conflicts, unless `force` is true: a later change is a conflict even if the value is equal again, unless it was rolled back itself. ' +
      'In the shared files of the legacy layout, the lines of other writers are kept; what cannot be kept is the risk `BOOT_FILE_EDITED`. A value that was never confirmed is not restored: the last confirmed one is. ' +
      'A rollback is itself a change and can be rolled back. A deletion of entries cannot. The body is optional. ' +
      'An update of entries is rolled back in the entries that are still the same flow and still have the values that it left; the others are skipped and listed with the reason. Only the bits of the mark and the labels that it altered are restored. The timeout becomes what it would be without the update, at least 1 s; it is left alone if a packet has set it since. ' +
      'This requires the scope `entries:update`, too.',
  })
  @ApiParam(CHANGE_ID)
  @ApiBody({ type: RollBackDto, required: false })
  @ApiPlanOrChange('The recorded rollback.', JOURNAL_HEAD)
  @MutatesHost(...VALUE_PROBLEMS, 'CHANGE_NOT_FOUND', 'ARCHIVED', 'STATE_CHANGED', 'AWAITING_CONFIRMATION', 'NOTHING_TO_ROLL_BACK')
  async rollBack(
    @Param('id', ChangeIdPipe) id: number,
    @Body() body: RollBackDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
  ): Promise<DryRunDto | ChangeDto> {
    const request = RollBackDto.toRequest(id, body);
    if (this.rollBackChange.isUpdate(request)) requireScopes(caller, ['entries:update'], 'rolling back an update of entries');
    return this.planOrRun(caller, body, request, ChangeOptionsDto.toTerms(body, conditions));
  }

  @Post('rollback-to')
  @RequiresScope('settings:write', 'settings:persist')
  @ApiOperation({
    operationId: 'rollBackTo',
    summary: 'Roll back to the state after a change',
    description:
      'Rolls back, as one change, everything after the given change, in live values and boot files. If any of them was changed by another writer, the response is 409 with the conflicts, unless `force` is true. Deleted entries are not restored, and updates of entries are not rolled back: roll back each of them by its id. Confirmation windows that were opened since are ended; a value that was awaiting a confirmation then is not restored: the last confirmed one is.',
  })
  @ApiBody({ type: RollBackToDto })
  @ApiPlanOrChange('The recorded rollback.', JOURNAL_HEAD)
  @MutatesHost(...VALUE_PROBLEMS, 'CHANGE_NOT_FOUND', 'ARCHIVED', 'STATE_CHANGED', 'AWAITING_CONFIRMATION', 'NOTHING_TO_ROLL_BACK')
  rollBackTo(
    @Body() body: RollBackToDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
  ): Promise<DryRunDto | ChangeDto> {
    return this.planOrRun(caller, body, RollBackToDto.toRequestTo(body), ChangeOptionsDto.toTerms(body, conditions));
  }

  private planOrRun(
    caller: CallerOf,
    body: ChangeOptionsDto,
    request: RollbackRequest,
    terms: ChangeTerms,
  ): Promise<DryRunDto | ChangeDto> {
    return planOrChange(
      caller,
      body,
      () => this.rollBackChange.preview(request, terms),
      () => this.rollBackChange.run(caller, request, terms),
    );
  }
}
