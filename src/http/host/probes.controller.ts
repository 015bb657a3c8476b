import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Readiness } from '../../application/change/readiness.ts';
import { Open } from '../access/access.decorator.ts';
import { ResponseDto } from '../documents/response.dto.ts';
import { Problems } from '../openapi/problems.decorator.ts';

const STATUSES = ['alive', 'ready'] as const;

export class ProbeDto extends ResponseDto {
  @ApiProperty({ enum: [...STATUSES], description: 'Anything else answers with a problem document.', example: 'ready' })
  readonly status!: (typeof STATUSES)[number];
}

@ApiTags('host')
@Controller()
export class ProbesController {
  constructor(private readonly readiness: Readiness) {}

  @Get('healthz')
  @Open()
  @ApiOperation({
    operationId: 'probeLiveness',
    summary: 'Is the process alive?',
    description: 'Needs no token. Says nothing about the host: see /readyz.',
  })
  @ApiOkResponse({ type: ProbeDto, description: 'It is.' })
  alive(): ProbeDto {
    return { status: 'alive' };
  }

  @Get('readyz')
  @Open()
  @ApiOperation({
    operationId: 'probeReadiness',
    summary: 'Can it do its work?',
    description:
      'Needs no token. Ready means: connection tracking is loaded, the record of changes can be used and no change is without its outcome.',
  })
  @ApiOkResponse({ type: ProbeDto, description: 'It can.' })
  @Problems('OUTCOME_UNRECORDED', 'CONNTRACK_NOT_LOADED', 'JOURNAL_UNAVAILABLE')
  ready(): Promise<ProbeDto> {
    return this.readiness.check().then(() => ({ status: 'ready' }));
  }
}
