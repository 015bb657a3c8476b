import { ApiProperty } from '@nestjs/swagger';
import {
  EVENT_TYPES,
  GAP_REASONS,
  STREAM_TYPES,
  type EventGap,
  type EventsEnd,
  type EventsReady,
  type GapReason,
  type StreamType,
} from '../../domain/filter/entry-event.ts';

export class EventsReadyDto implements EventsReady {
  @ApiProperty({ description: 'Id of this event. Later events follow.', example: '5d0c7a1e-41' })
  readonly id!: string;
  @ApiProperty({ enum: ['ctnetlink'], description: 'Source of the events.', example: 'ctnetlink' })
  readonly source!: 'ctnetlink';
  @ApiProperty({ enum: [...STREAM_TYPES], isArray: true, description: 'Event types in this stream.', example: [...EVENT_TYPES] })
  readonly types!: readonly StreamType[];
  @ApiProperty({
    type: 'boolean',
    description: 'Whether the stream continues after the requested event id without missing events.',
    example: false,
  })
  readonly resumed!: boolean;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Seconds between heartbeats when there are no events.', example: 15 })
  readonly heartbeatSeconds!: number;
}

export class EventGapDto implements EventGap {
  @ApiProperty({
    enum: [...GAP_REASONS],
    description:
      'Why events are missing. `kernel`: the socket buffer overflowed and the kernel dropped events; `client`: this client read too slowly; `resume`: the events since the requested id are ' +
      'no longer available; `malformed`: a message from the kernel could not be parsed; `namespace`: the network namespace was deleted, or replaced by another of the same name. The stream ends.',
    example: 'kernel',
  })
  readonly reason!: GapReason;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'Number of missing events. For `client`, those that match the filter; otherwise all. Absent if unknown.',
    example: 1_204,
  })
  readonly dropped?: number;
  @ApiProperty({ description: 'What to do about it.', example: 'Read the current table (GET /api/v1/entries).' })
  readonly remedy!: string;
}

export class EventsEndDto implements EventsEnd {
  @ApiProperty({ description: 'Why the service ended the stream.', example: 'The service is stopping.' })
  readonly reason!: string;
}
