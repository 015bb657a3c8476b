import { Body, Controller, Get, Param, Patch, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ChangeSettings } from '../../application/change/change-settings.ts';
import { WriteLock } from '../../application/change/write-lock.ts';
import { SharedReading } from '../../application/shared-reading.ts';
import { ReadSettings } from '../../application/table/read-settings.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import type { ChangeDto } from '../documents/change.dto.ts';
import type { DryRunDto } from '../documents/plan.dto.ts';
import { ApiPlanOrChange, planOrChange } from '../changes/plan-or-change.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { ChangeOptionsDto } from '../changes/change-options.dto.ts';
import { ACCEPTED_NAMES, SettingNamePipe } from '../input/setting-names.ts';
import { NAMESPACE_PROBLEMS, Problems } from '../openapi/problems.decorator.ts';
import { ConditionalRead } from '../preconditions/conditional-reads.ts';
import { Conditions, type RequestConditions } from '../preconditions/conditions.decorator.ts';
import { ETAG, JOURNAL_HEAD, NEW_SETTINGS_ETAG, SETTINGS_ETAG } from '../preconditions/headers.ts';
import { MutatesHost, VALUE_PROBLEMS } from '../preconditions/mutates-host.decorator.ts';
import { SettingsEtag } from '../preconditions/settings-etag.ts';
import { readWithEtag, withNewEtag, type SettingsWithEtag } from './settings-response.ts';
import { ChangeSettingsDto } from './change-settings.dto.ts';
import { SettingDto, SettingListDto } from './setting.dto.ts';

@ApiTags('settings')
@Controller('api/v1/settings')
export class SettingsController {
  private readonly reading: SharedReading<SettingsWithEtag>;

  constructor(
    private readonly readSettings: ReadSettings,
    private readonly changeSettings: ChangeSettings,
    private readonly etag: SettingsEtag,
    writeLock: WriteLock,
  ) {
    this.reading = new SharedReading(
      () => readWithEtag(readSettings, etag),
      () => writeLock.releases,
    );
  }

  @Get()
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'listSettings',
    summary: 'List settings',
    description:
      'Returns every conntrack setting of this kernel, read at the time of the request, with its live value, unit, range and value after the next boot, and whether it can be written. With `namespace`, the settings of that network namespace.',
  })
  @ConditionalRead()
  @ApiOkResponse({ type: SettingListDto, description: 'All settings.', headers: SETTINGS_ETAG })
  @Problems('BOOT_FILE_NOT_MANAGED', 'CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  list(@Query() { namespace }: EntryScopeDto, @Res({ passthrough: true }) reply: FastifyReply): Promise<SettingListDto> {
    return this.read(namespace).then(({ etag, view }) => {
      reply.header('etag', etag);
      return SettingListDto.of(view);
    });
  }

  @Get(':name')
  @RequiresScope('table:read')
  @ApiOperation({
    operationId: 'readSetting',
    summary: 'Get a setting',
    description: 'Returns one setting, with the same fields as in the list.',
  })
  @ApiParam({
    name: 'name',
    description: `Setting name: the sysctl key without its \`nf_conntrack_\` or \`ip_conntrack_\` prefix. ${ACCEPTED_NAMES} In a path, write a slash as %2F.`,
    schema: { type: 'string', example: 'max' },
  })
  @ConditionalRead()
  @ApiOkResponse({ type: SettingDto, description: 'The setting.', headers: ETAG })
  @Problems('SETTING_NOT_FOUND', 'BOOT_FILE_NOT_MANAGED', 'CONNTRACK_NOT_LOADED', ...NAMESPACE_PROBLEMS)
  one(@Param('name', SettingNamePipe) name: string, @Query() { namespace }: EntryScopeDto): Promise<SettingDto> {
    return this.read(namespace)
      .then(({ view }) => this.readSettings.one(name, view))
      .then((setting) => SettingDto.of(setting));
  }

  @Patch()
  @RequiresScope('settings:write')
  @ApiOperation({
    operationId: 'changeSettings',
    summary: 'Change settings',
    description:
      'Changes live values and, with `persist`, the boot files, all or nothing. The change is recorded, the values are written in a safe order and read back; if the kernel refuses one, those already written are rolled back. ' +
      'The response has each value before, as requested, and as the kernel reports it afterwards (the kernel rounds `buckets` up). `persist` also needs the scope `settings:persist`. ' +
      'A change that is risky in the current state of the host is refused with its plan, unless you acknowledge its risks. `dryRun` returns the plan only. With `confirmWithinSeconds`, the change is rolled back automatically unless it is confirmed. ' +
      'With `namespace`, the settings of that network namespace are changed. `max`, `buckets` and `expect_max` are values of the host and cannot be changed there, and nothing can be persisted.',
  })
  @ApiPlanOrChange('The recorded change.', { ...NEW_SETTINGS_ETAG, ...JOURNAL_HEAD })
  @MutatesHost(...VALUE_PROBLEMS, 'INVALID_FILTER', 'SETTING_UNKNOWN', 'VALUE_OUT_OF_RANGE', 'RISK_REFUSED', 'AWAITING_CONFIRMATION')
  change(
    @Query() scope: EntryScopeDto,
    @Body() body: ChangeSettingsDto,
    @Conditions() conditions: RequestConditions,
    @Caller() caller: CallerOf,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DryRunDto | ChangeDto> {
    return withNewEtag(this.planOrRun(scope, body, conditions, caller), this.etag, reply);
  }

  private read(namespace: string | undefined): Promise<SettingsWithEtag> {
    return namespace === undefined ? this.reading.get() : readWithEtag(this.readSettings, this.etag, namespace);
  }

  private async planOrRun(
    scope: EntryScopeDto,
    body: ChangeSettingsDto,
    conditions: RequestConditions,
    caller: CallerOf,
  ): Promise<DryRunDto | ChangeDto> {
    const request = ChangeSettingsDto.toRequest(body, scope, caller);
    const terms = ChangeOptionsDto.toTerms(body, conditions);
    return planOrChange(
      caller,
      body,
      () => this.changeSettings.preview(request, terms),
      () => this.changeSettings.run(caller, request, terms),
    );
  }
}
