import { Body, Controller, Param, Patch } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOkResponse, ApiOperation, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { UpdateEntries } from '../../application/change/update-entries.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { Caller } from '../access/caller.decorator.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { Idempotent, type IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { changeResponse } from '../problem/change-response.ts';
import { withoutOtherEntry } from './deletion.controller.ts';
import { ChangesEntries } from './deletion-route.decorator.ts';
import { UpdateEntriesDto, UpdateEntryDto } from './update.dto.ts';
import { UpdatePlanDto } from './update-plan.dto.ts';

const PLAN_OR_CHANGE = {
  description: 'The recorded update. With `dryRun`: the plan. Without the scope `entries:read`, entries are withheld.',
  headers: JOURNAL_HEAD,
  schema: { oneOf: [{ $ref: getSchemaPath(ChangeDto) }, { $ref: getSchemaPath(UpdatePlanDto) }] },
} as const;

const RECORDED =
  'The update is recorded as a change, with each entry before and after it, and `POST /changes/{id}/rollback` rolls it back. If the kernel refuses it for some entries, the others are updated, the response is 422, and its `change` has the result of each.';

@ApiTags('entries')
@ApiExtraModels(ChangeDto, UpdatePlanDto)
@Controller('api/v1/entries')
export class UpdateController {
  constructor(private readonly updateEntries: UpdateEntries) {}

  @Patch(':id')
  @ChangesEntries('entries:update', 'ENTRY_NOT_FOUND', 'ENTRY_REPLACED', 'WRITE_NOT_EFFECTIVE')
  @ApiOperation({
    operationId: 'updateEntry',
    summary: 'Update the mark, timeout or labels of an entry',
    description: `Updates exactly this entry, as \`conntrack -U\` does. If another flow has the same tuple now, nothing is updated. The kernel can give a later flow of the same tuple the same id: send \`startedAt\` to exclude it. ${RECORDED}`,
  })
  @ApiParam({
    name: 'id',
    description: 'Entry id.',
    example: '04060a000005c000020ac87c01bb030000-75e1dc5f',
    schema: { type: 'string' },
  })
  @ApiBody({ type: UpdateEntryDto })
  @ApiOkResponse(PLAN_OR_CHANGE)
  async one(
    @Param('id') id: string,
    @Body() body: UpdateEntryDto,
    @Idempotent() idempotencyOf: IdempotencyOf,
    @Caller() caller: CallerOf,
  ): Promise<UpdatePlanDto | ChangeDto> {
    const [update, terms] = [UpdateEntryDto.toUpdate(body), UpdateEntryDto.toEntryTerms(body, idempotencyOf)];
    try {
      if (body.dryRun) return UpdatePlanDto.of(await this.updateEntries.previewOne(id, update, terms), caller);
      return changeResponse(await this.updateEntries.one(caller, id, update, terms), caller);
    } catch (error) {
      throw withoutOtherEntry(error, caller);
    }
  }

  @Patch()
  @ChangesEntries('entries:update', 'COUNT_MISMATCH', 'TOO_MANY_ENTRIES', 'WRITE_NOT_EFFECTIVE')
  @ApiOperation({
    operationId: 'updateEntries',
    summary: 'Update entries that match a filter',
    description: `Updates the mark, timeout or labels of the matching entries if \`expectedCount\` is within a tenth of their number. Get that number with \`dryRun\`. An entry is skipped if its flow ended or was replaced since it was matched. ${RECORDED}`,
  })
  @ApiBody({ type: UpdateEntriesDto })
  @ApiOkResponse(PLAN_OR_CHANGE)
  async matching(
    @Body() body: UpdateEntriesDto,
    @Idempotent() idempotencyOf: IdempotencyOf,
    @Caller() caller: CallerOf,
  ): Promise<UpdatePlanDto | ChangeDto> {
    const [update, selection] = [UpdateEntriesDto.toUpdate(body), UpdateEntriesDto.toSelection(body)];
    const terms = UpdateEntriesDto.toTerms(body, idempotencyOf);
    if (body.dryRun) return UpdatePlanDto.of(await this.updateEntries.preview(selection, update, terms, caller.actor.tokenId), caller);
    return changeResponse(await this.updateEntries.matching(caller, selection, update, terms), caller);
  }
}
