import { Body, Controller, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnpersistSettings } from '../../application/change/unpersist-settings.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import type { ChangeDto } from '../documents/change.dto.ts';
import type { DryRunDto } from '../documents/plan.dto.ts';
import { ApiPlanOrChange, planOrChange } from '../changes/plan-or-change.ts';
import { ChangeOptionsDto } from '../changes/change-options.dto.ts';
import { Conditions, type RequestConditions } from '../preconditions/conditions.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { MutatesHost } from '../preconditions/mutates-host.decorator.ts';
import { UnpersistDto } from './unpersist.dto.ts';

@ApiTags('settings')
@Controller('api/v1/settings')
export class UnpersistController {
  constructor(private readonly unpersistSettings: UnpersistSettings) {}

  @Post('unpersist')
  @RequiresScope('settings:persist')
  @ApiOperation({
    operationId: 'unpersistSettings',
    summary: 'Take back what was persisted',
    description:
      'Removes what this service wrote for the next boot; live values stay as they are. On the legacy layout, whose files are shared, the lines become what they were before this ' +
      'service first changed them, and lines that somebody else has edited since are left alone. A change on record, which can be rolled back; where nothing is persisted it alters nothing. ' +
      'With `dryRun`, `atNextBoot` of the plan says what the next boot would then do. The body may be left out.',
  })
  @ApiBody({ type: UnpersistDto, required: false })
  @ApiPlanOrChange('The change, as recorded.', JOURNAL_HEAD)
  @MutatesHost('SETTING_UNKNOWN', 'KERNEL_UNREADABLE', 'WRITE_NOT_EFFECTIVE')
  unpersist(
    @Body() body: UnpersistDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
  ): Promise<DryRunDto | ChangeDto> {
    const [request, terms] = [UnpersistDto.toRequest(body), ChangeOptionsDto.toTerms(body, conditions)];
    return planOrChange(
      body,
      () => this.unpersistSettings.preview(request, terms),
      () => this.unpersistSettings.run(caller, request, terms),
    );
  }
}
