import { ApiProperty } from '@nestjs/swagger';
import {
  EVENT_TYPES,
  GAP_REASONS,
  type EventGap,
  type EventsEnd,
  type EventsReady,
  type EventType,
  type GapReason,
} from '../../domain/filter/entry-event.ts';

export class EventsReadyDto implements EventsReady {
  @ApiProperty({ description: 'Events after this place follow; the same as the id of the event.', example: '5d0c7a1e-41' })
  readonly id!: string;
  @ApiProperty({ enum: ['ctnetlink'], description: 'Where the events come from.', example: 'ctnetlink' })
  readonly source!: 'ctnetlink';
  @ApiProperty({ enum: [...EVENT_TYPES], isArray: true, description: 'Types that are shown.', example: [...EVENT_TYPES] })
  readonly types!: readonly EventType[];
  @ApiProperty({
    type: 'boolean',
    description: 'Whether this goes on behind the id that was asked for with nothing missing between.',
    example: false,
  })
  readonly resumed!: boolean;
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Seconds between heartbeats of a stream that is silent.', example: 15 })
  readonly heartbeatSeconds!: number;
}

export class EventGapDto implements EventGap {
  @ApiProperty({
    enum: [...GAP_REASONS],
    description:
      'Why events are missing here. `kernel`: its buffer was full; `client`: this client read too slowly; `resume`: what happened since the id that was asked for is ' +
      'not known any more; `malformed`: the kernel said something that could not be understood.',
    example: 'kernel',
  })
  readonly reason!: GapReason;
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    required: false,
    description: 'How many: of `client` those that match the filter, otherwise all. Absent where nobody knows.',
    example: 1_204,
  })
  readonly dropped?: number;
  @ApiProperty({ description: 'What to do about it.', example: 'Read the current table (GET /api/v1/entries).' })
  readonly remedy!: string;
}

export class EventsEndDto implements EventsEnd {
  @ApiProperty({ description: 'Why the service ends the stream.', example: 'The service is stopping.' })
  readonly reason!: string;
}
