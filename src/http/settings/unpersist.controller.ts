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
    summary: 'Unpersist settings',
    description:
      'Removes the settings that this service wrote to the boot files. Live values do not change. On the `ip_conntrack` layout, whose files are shared with other tools, each line is restored to its content before this ' +
      'service first changed it; lines edited since by another writer are left unchanged. It is a recorded change and can be rolled back. If nothing is persisted, no file is changed. ' +
      'With `dryRun`, `atNextBoot` of the plan has the values after the next boot. The body is optional.',
  })
  @ApiBody({ type: UnpersistDto, required: false })
  @ApiPlanOrChange('The recorded change.', JOURNAL_HEAD)
  @MutatesHost('SETTING_UNKNOWN', 'AWAITING_CONFIRMATION', 'KERNEL_UNREADABLE', 'WRITE_NOT_EFFECTIVE')
  unpersist(
    @Body() body: UnpersistDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
  ): Promise<DryRunDto | ChangeDto> {
    const [request, terms] = [UnpersistDto.toRequest(body), ChangeOptionsDto.toTerms(body, conditions)];
    return planOrChange(
      caller,
      body,
      () => this.unpersistSettings.preview(request, terms),
      () => this.unpersistSettings.run(caller, request, terms),
    );
  }
}
