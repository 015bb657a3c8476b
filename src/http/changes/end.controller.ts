import { Body, Controller, Post } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeleteEntries } from '../../application/change/delete-entries.ts';
import type { OwnConnection as OwnConnectionOf } from '../../domain/own-connection.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { Caller } from '../access/caller.decorator.ts';
import { OwnConnection } from '../access/own-connection.decorator.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { Idempotent, type IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { changeResponse } from '../problem/change-response.ts';
import { PLAN_OR_CHANGE, withoutOtherEntry } from './deletion.controller.ts';
import { DeletionPlanDto } from './deletion-plan.dto.ts';
import { ChangesEntries } from './deletion-route.decorator.ts';
import { EndEntriesDto } from './end-entries.dto.ts';

@ApiTags('entries')
@ApiExtraModels(ChangeDto, DeletionPlanDto)
@Controller('api/v1/entries')
export class EndController {
  constructor(private readonly deleteEntries: DeleteEntries) {}

  @Post('end')
  @ChangesEntries('entries:delete', 'COUNT_MISMATCH', 'TOO_MANY_ENTRIES', 'ENTRY_NOT_FOUND', 'ENTRY_REPLACED', 'OWN_CONNECTION')
  @ApiOperation({
    operationId: 'endConnections',
    summary: 'End connections',
    description:
      'Ends the connections of an entry, or of the entries that match a filter. Deleting an entry alone does not: the next packet of an established connection begins it again. ' +
      'First the sockets of this host are destroyed, then the packets of both directions are rejected for `blockSeconds` with rules of an nftables table of the service (`inet conntrack_api_blocks`): each end of a TCP connection gets a reset for its next packet, packets of UDP, ICMP, SCTP, DCCP and UDP-Lite are dropped. Then the entries are deleted. ' +
      'Other connections and other tables are left alone. The connection of the request is left out, unless it is acknowledged. Entries of a zone and of other protocols are left alone and counted (`skippedCount`). ' +
      'Concerns the network namespace of the service. It is recorded as a change of kind `deletion` with `blockSeconds`, and cannot be rolled back; `DELETE /api/v1/blocks/{change}` removes its blocks. Requires nftables: see `entries.end` of `GET /api/v1/capabilities`.',
  })
  @ApiBody({ type: EndEntriesDto })
  @ApiOkResponse(PLAN_OR_CHANGE)
  async end(
    @Body() body: EndEntriesDto,
    @Idempotent() idempotencyOf: IdempotencyOf,
    @OwnConnection() own: OwnConnectionOf | undefined,
    @Caller() caller: CallerOf,
  ): Promise<DeletionPlanDto | ChangeDto> {
    const selection = EndEntriesDto.toSelection(body);
    const terms = EndEntriesDto.toTerms(body, idempotencyOf, own);
    if (typeof selection === 'string') {
      const change = await this.deleteEntries.one(caller, selection, terms).catch((error: unknown) => {
        throw withoutOtherEntry(error, caller);
      });
      return changeResponse(change, caller);
    }
    if (body.dryRun === true) {
      const plan = await this.deleteEntries.preview(selection, body.expectedCount ?? null, terms, caller.actor.tokenId);
      return DeletionPlanDto.of(plan, caller);
    }
    return changeResponse(await this.deleteEntries.matching(caller, selection, EndEntriesDto.expectedIn(body), terms), caller);
  }
}
