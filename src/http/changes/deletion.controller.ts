import { Body, Controller, Delete, Param, Post } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOkResponse, ApiOperation, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { DeleteEntries, type EntrySelection } from '../../application/change/delete-entries.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { Caller } from '../access/caller.decorator.ts';
import { changeResponse } from '../problem/change-response.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { Idempotent, type IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { DeletionPlanDto } from './deletion-plan.dto.ts';
import { ChangesEntries } from './deletion-route.decorator.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { whyEntriesWithheld, type Reader } from '../documents/withheld-entries.ts';
import { DeleteEntriesDto, DeleteEntryDto, FlushEntriesDto } from './deletion.dto.ts';

export const PLAN_OR_CHANGE = {
  description:
    'The recorded deletion. With `dryRun`: the number of matching entries, and examples. Without the scope `entries:read`, entries are withheld.',
  headers: JOURNAL_HEAD,
  schema: { oneOf: [{ $ref: getSchemaPath(ChangeDto) }, { $ref: getSchemaPath(DeletionPlanDto) }] },
} as const;

const RECORDED = 'The deletion is recorded as a change together with the deleted entries. It cannot be rolled back.';

@ApiTags('entries')
@ApiExtraModels(ChangeDto, DeletionPlanDto)
@Controller('api/v1/entries')
export class DeletionController {
  constructor(private readonly deleteEntries: DeleteEntries) {}

  @Delete(':id')
  @ChangesEntries('entries:delete', 'ENTRY_NOT_FOUND', 'ENTRY_REPLACED')
  @ApiOperation({
    operationId: 'deleteEntry',
    summary: 'Delete an entry',
    description: `Deletes exactly this entry. Its connection can go on, and its next packet can begin the entry again: \`POST /api/v1/entries/end\` ends it. If another flow has the same tuple now, nothing is deleted. The kernel can give a later flow of the same tuple the same id: send \`startedAt\` to exclude it. \`deletion.identity\` reports what was compared. ${RECORDED} The body is optional.`,
  })
  @ApiParam({
    name: 'id',
    description: 'Entry id.',
    example: '04060a000005c000020ac87c01bb030000-75e1dc5f',
    schema: { type: 'string' },
  })
  @ApiBody({ type: DeleteEntryDto, required: false })
  @ApiOkResponse({ type: ChangeDto, description: 'The recorded deletion.', headers: JOURNAL_HEAD })
  async one(
    @Param('id') id: string,
    @Body() body: DeleteEntryDto,
    @Idempotent() idempotencyOf: IdempotencyOf,
    @Caller() caller: CallerOf,
  ): Promise<ChangeDto> {
    const terms = DeleteEntryDto.toEntryTerms(body, idempotencyOf);
    const change = await this.deleteEntries.one(caller, id, terms).catch((error: unknown) => {
      throw withoutOtherEntry(error, caller);
    });
    return changeResponse(change, caller);
  }

  @Post('delete')
  @ChangesEntries('entries:delete', 'COUNT_MISMATCH')
  @ApiOperation({
    operationId: 'deleteEntries',
    summary: 'Delete entries that match a filter',
    description: `Deletes the matching entries, but does not end their connections (\`POST /api/v1/entries/end\` does), if \`expectedCount\` is within a tenth of their number. Get that number with \`dryRun\`. An entry is skipped if its flow ended or was replaced since it was matched. ${RECORDED}`,
  })
  @ApiBody({ type: DeleteEntriesDto })
  @ApiOkResponse(PLAN_OR_CHANGE)
  matching(
    @Body() body: DeleteEntriesDto,
    @Idempotent() idempotencyOf: IdempotencyOf,
    @Caller() caller: CallerOf,
  ): Promise<DeletionPlanDto | ChangeDto> {
    return this.planOrRun(body, DeleteEntriesDto.toMatching(body), idempotencyOf, caller);
  }

  @Post('flush')
  @ChangesEntries('entries:delete', 'COUNT_MISMATCH')
  @ApiOperation({
    operationId: 'flushEntries',
    summary: 'Delete all entries',
    description: `Deletes every entry of the namespace if \`expectedCount\` is within a tenth of their number. Get that number with \`dryRun\`. Flows that start during the deletion may remain. ${RECORDED}`,
  })
  @ApiBody({ type: FlushEntriesDto })
  @ApiOkResponse(PLAN_OR_CHANGE)
  flush(
    @Body() body: FlushEntriesDto,
    @Idempotent() idempotencyOf: IdempotencyOf,
    @Caller() caller: CallerOf,
  ): Promise<DeletionPlanDto | ChangeDto> {
    return this.planOrRun(body, FlushEntriesDto.toSelection(), idempotencyOf, caller);
  }

  private async planOrRun(
    body: FlushEntriesDto,
    selection: EntrySelection,
    idempotencyOf: IdempotencyOf,
    caller: CallerOf,
  ): Promise<DeletionPlanDto | ChangeDto> {
    const { expectedCount = null, dryRun = false } = body;
    const terms = FlushEntriesDto.toTerms(body, idempotencyOf);
    if (dryRun) {
      const plan = await this.deleteEntries.preview(selection, expectedCount, terms, caller.actor.tokenId);
      return DeletionPlanDto.of(plan, caller);
    }
    return changeResponse(await this.deleteEntries.matching(caller, selection, FlushEntriesDto.expectedIn(body), terms), caller);
  }
}

/** The message about a replaced entry contains the id of the new entry. */
export function withoutOtherEntry(error: unknown, reader: Reader): unknown {
  const isAboutOther = error instanceof ConntrackError && error.code === 'ENTRY_REPLACED';
  if (!isAboutOther || whyEntriesWithheld(reader) === undefined) return error;
  return new ConntrackError('ENTRY_REPLACED', 'The entry no longer exists: another flow has its tuple now.', {
    remedy: 'Use a token with the scope entries:read to read the new entry.',
  });
}
