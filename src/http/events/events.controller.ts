import { Controller, Get, Header, Query, type BeforeApplicationShutdown, type StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { KernelEvents } from '../../application/ports/kernel-events.ts';
import type { Token } from '../../domain/token.ts';
import { RequiresScope } from '../access/access.decorator.ts';
import { AcceptedToken } from '../access/caller.decorator.ts';
import { Negotiated } from '../input/accept.ts';
import { Problems } from '../openapi/problems.decorator.ts';
import { ExpectationDto } from '../documents/expectation.dto.ts';
import { EventGapDto, EventsEndDto, EventsReadyDto } from './event-data.dto.ts';
import { EVENTS_DESCRIPTION, EXAMPLE_FRAMES, FRAMES_DESCRIPTION } from './event-documentation.ts';
import { EVENT_STREAM, eventsResponse, LastEventId } from './event-stream.ts';
import { EventsQueryDto } from './events-query.dto.ts';

@ApiTags('entries')
@Controller('api/v1/events')
export class EventsController implements BeforeApplicationShutdown {
  constructor(private readonly events: KernelEvents) {}

  @Get()
  @Header('X-Accel-Buffering', 'no')
  @RequiresScope('entries:read')
  @ApiOperation({
    operationId: 'streamEvents',
    summary: 'Stream conntrack events',
    description: EVENTS_DESCRIPTION,
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'Id of the last event that the client received. The stream continues after it, or reports in a `gap` that it cannot.',
    schema: { type: 'string' },
  })
  @ApiExtraModels(ExpectationDto, EventsReadyDto, EventGapDto, EventsEndDto)
  @ApiResponse({
    status: 200,
    description: 'A stream of events, until the client disconnects.',
    content: { [EVENT_STREAM]: { schema: { type: 'string', description: FRAMES_DESCRIPTION }, example: EXAMPLE_FRAMES } },
  })
  @Problems(
    ...(['INVALID_FILTER', 'NOT_ACCEPTABLE', 'TOO_MANY_DUMPS', 'NOT_SUPPORTED_HERE', 'CONNTRACK_NOT_LOADED'] as const),
    ...(['KERNEL_UNREADABLE', 'RESOURCES_EXHAUSTED', 'NAMESPACE_NOT_FOUND', 'NAMESPACES_DISABLED'] as const),
  )
  listen(
    @Query() query: EventsQueryDto,
    @AcceptedToken() token: Token,
    @LastEventId() last: string | undefined,
    @Negotiated([EVENT_STREAM]) mediaType: string,
  ): Promise<StreamableFile> {
    return eventsResponse(this.events, { ...EventsQueryDto.toRequest(query, last), owner: token.id }, mediaType);
  }

  /** Runs before the server waits for its connections: event streams would never end otherwise. */
  beforeApplicationShutdown(): Promise<void> {
    return this.events.close();
  }
}
