import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { ChangeTerms } from '../../application/change/change-terms.ts';
import { RollBackChange, type RollbackRequest } from '../../application/change/roll-back-change.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
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
      'Restores the live values and boot files from before the change, byte for byte; files that the change created are removed. If any of them changed since, the response is 409 with the conflicts, unless `force` is true. ' +
      'A rollback is itself a change and can be rolled back. A deletion of entries cannot. The body is optional.',
  })
  @ApiParam(CHANGE_ID)
  @ApiBody({ type: RollBackDto, required: false })
  @ApiPlanOrChange('The recorded rollback.', JOURNAL_HEAD)
  @MutatesHost(...VALUE_PROBLEMS, 'CHANGE_NOT_FOUND', 'STATE_CHANGED', 'NOTHING_TO_ROLL_BACK')
  rollBack(
    @Param('id', ChangeIdPipe) id: number,
    @Body() body: RollBackDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
  ): Promise<DryRunDto | ChangeDto> {
    return this.planOrRun(caller, body, RollBackDto.toRequest(id, body), ChangeOptionsDto.toTerms(body, conditions));
  }

  @Post('rollback-to')
  @RequiresScope('settings:write', 'settings:persist')
  @ApiOperation({
    operationId: 'rollBackTo',
    summary: 'Roll back to the state after a change',
    description:
      'Rolls back, as one change, everything after the given change, in live values and boot files. If any of them was changed by another writer, the response is 409 with the conflicts, unless `force` is true. Deleted entries are not restored.',
  })
  @ApiBody({ type: RollBackToDto })
  @ApiPlanOrChange('The recorded rollback.', JOURNAL_HEAD)
  @MutatesHost(...VALUE_PROBLEMS, 'CHANGE_NOT_FOUND', 'STATE_CHANGED', 'NOTHING_TO_ROLL_BACK')
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
