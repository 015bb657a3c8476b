import { Body, Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LoadModule } from '../../application/change/load-module.ts';
import type { Caller as CallerOf } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { Caller } from '../access/caller.decorator.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { Idempotent, type IdempotencyOf } from '../preconditions/conditions.decorator.ts';
import { IDEMPOTENCY_KEY, JOURNAL_HEAD, TRACEPARENT } from '../preconditions/headers.ts';
import { JournalHeadInterceptor } from '../preconditions/journal-head.interceptor.ts';
import { LoadModuleDto, ModuleLoadDto } from './module-load.dto.ts';

@ApiTags('settings')
@Controller('api/v1/module')
export class ModuleController {
  constructor(private readonly loadModule: LoadModule) {}

  @Post('load')
  @HttpCode(200)
  @RequiresScope('settings:write')
  @UseInterceptors(JournalHeadInterceptor)
  @ApiOperation({
    operationId: 'loadModule',
    summary: 'Load the module',
    description:
      'Loads connection tracking if it is not loaded, as a recorded change. The kernel runs `modprobe` itself, with the parameters that modprobe.d and the kernel command line of this host give: the request has none. ' +
      'If a line would keep the module from loading, the request is refused and the line is named. Loading does not apply sysctl.d: change the settings afterwards. It cannot be rolled back. The body is optional.',
  })
  @ApiBody({ type: LoadModuleDto, required: false })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiHeader(TRACEPARENT)
  @ApiOkResponse({ type: ModuleLoadDto, description: 'The state of the module, and the recorded change.', headers: JOURNAL_HEAD })
  @Problems(
    ...(['INVALID_REQUEST', 'MALFORMED_JSON', 'DUPLICATE_FIELD', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const),
    ...(['IDEMPOTENCY_IN_FLIGHT', 'IDEMPOTENCY_KEY_REUSED', 'OUTCOME_UNRECORDED', 'JOURNAL_UNAVAILABLE'] as const),
    ...([
      'MODULE_LOAD_REFUSED',
      'MODULE_LOAD_FAILED',
      'NOT_SUPPORTED_HERE',
      'CONNTRACK_NOT_LOADED',
      'KERNEL_UNREADABLE',
      'RESOURCES_EXHAUSTED',
    ] as const),
  )
  load(@Body() body: LoadModuleDto, @Idempotent() idempotencyOf: IdempotencyOf, @Caller() caller: CallerOf): Promise<ModuleLoadDto> {
    const result =
      body.dryRun === true ? this.loadModule.dryRun() : this.loadModule.run(caller, LoadModuleDto.toRequest(body, idempotencyOf));
    return result.then((found) => ModuleLoadDto.of(found, caller));
  }
}
