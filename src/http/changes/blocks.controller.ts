import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ManageBlocks } from '../../application/change/manage-blocks.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { ChangeDto } from '../documents/change.dto.ts';
import { ChangeIdPipe } from '../input/change-id.pipe.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { Idempotent, type IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { JOURNAL_HEAD } from '../preconditions/headers.ts';
import { changeResponse } from '../problem/change-response.ts';
import { BlockListDto } from './blocks.dto.ts';
import { ChangesEntries } from './deletion-route.decorator.ts';

@ApiTags('entries')
@Controller('api/v1/blocks')
export class BlocksController {
  constructor(private readonly blocks: ManageBlocks) {}

  @Get()
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'listBlocks',
    summary: 'List blocked connections',
    description:
      'Returns the connections that `POST /api/v1/entries/end` ended and whose packets are still rejected, by change, as the kernel has them (`nft list table inet conntrack_api_blocks`).',
  })
  @ApiOkResponse({ type: BlockListDto, description: 'The blocks that are in effect.' })
  @Problems('NOT_SUPPORTED_HERE', 'RESOURCES_EXHAUSTED')
  list(): Promise<BlockListDto> {
    return this.blocks.list().then((list) => BlockListDto.of(list));
  }

  @Delete(':change')
  @ChangesEntries('entries:delete', 'BLOCK_NOT_FOUND', 'CHANGE_NOT_FOUND')
  @ApiOperation({
    operationId: 'removeBlocks',
    summary: 'Remove the blocks of a change',
    description:
      'Removes the blocks of the connections that a change ended, before they expire. The connections stay ended, and packets of the same addresses and ports can begin new ones. It is recorded as a change of kind `unblock`.',
  })
  @ApiParam({
    name: 'change',
    description: 'Id of the change that ended the connections.',
    example: 12,
    schema: { type: 'integer', minimum: 1 },
  })
  @ApiOkResponse({ type: ChangeDto, description: 'The recorded change.', headers: JOURNAL_HEAD })
  async remove(
    @Param('change', ChangeIdPipe) change: number,
    @Idempotent() idempotencyOf: IdempotencyOf,
    @Caller() caller: CallerOf,
  ): Promise<ChangeDto> {
    return changeResponse(await this.blocks.remove(caller, change, null, idempotencyOf({})), caller);
  }
}
