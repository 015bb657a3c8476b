import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Readiness } from '../../application/change/readiness.ts';
import { Open } from '../access/access.decorator.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { IgnoresQuery } from '../input/known-query.guard.ts';
import { BuildInfo } from '../metrics/collectors/collect-process.ts';
import { Problems } from '../openapi/problems.decorator.ts';

const STATUSES = ['alive', 'ready'] as const;

export class ProbeDto extends ResponseDto {
  @ApiProperty({
    enum: [...STATUSES],
    description: 'State of the service. If it is neither, the response is a problem document.',
    example: 'ready',
  })
  readonly status!: (typeof STATUSES)[number];
}

export class LivenessDto extends ProbeDto {
  @ApiProperty({ description: 'Version of the service.', example: '1.4.0' })
  readonly version!: string;
}

/** `/readyz?verbose` is how the probes of Kubernetes itself are read. */
const VERBOSE = { name: 'verbose', required: false, description: 'Accepted and ignored.', schema: { type: 'string' } } as const;

@ApiTags('host')
@Controller()
export class ProbesController {
  constructor(
    private readonly readiness: Readiness,
    private readonly build: BuildInfo,
  ) {}

  @Get('healthz')
  @Open()
  @ApiQuery(VERBOSE)
  @IgnoresQuery(VERBOSE.name)
  @ApiOperation({
    operationId: 'probeLiveness',
    summary: 'Check liveness',
    description: 'Returns 200 as long as the process responds. It does not check the host: see `/readyz`.',
  })
  @ApiOkResponse({ type: LivenessDto, description: 'The process is alive.' })
  alive(): LivenessDto {
    return { status: 'alive', version: this.build.version };
  }

  @Get('readyz')
  @Open()
  @ApiQuery(VERBOSE)
  @IgnoresQuery(VERBOSE.name)
  @ApiOperation({
    operationId: 'probeReadiness',
    summary: 'Check readiness',
    description:
      'Returns 200 if conntrack is loaded, the journal is available and has space for a change, and every change has a recorded outcome. Otherwise `detail` and `remedy` name what refuses changes. A success may be up to 1 s old; concurrent probes share one check.',
  })
  @ApiOkResponse({ type: ProbeDto, description: 'The service is ready.' })
  @Problems('OUTCOME_UNRECORDED', 'CONNTRACK_NOT_LOADED', 'JOURNAL_UNAVAILABLE', 'RESOURCES_EXHAUSTED')
  ready(): Promise<ProbeDto> {
    return this.readiness.recent().then(() => ({ status: 'ready' }));
  }
}
