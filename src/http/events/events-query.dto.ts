import { ApiProperty } from '@nestjs/swagger';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { EVENT_TYPES, parseEventPlace, type EventPlace, type EventRequest, type EventType } from '../../domain/filter/entry-event.ts';
import { EntryFilterDto } from '../entries/entry-filter.dto.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { foundIn } from '../input/printable.ts';

const EVENT_ID = 'the id of an event, such as 5d0c7a1e-42';

/** Selects events by entry, type and start. */
export class EventsQueryDto extends EntryFilterDto {
  @ApiProperty({
    required: false,
    description: 'Event types to return, separated by commas. Default: all.',
    default: EVENT_TYPES.join(),
    example: 'new,destroy',
  })
  @Expect('one or more of new, update and destroy, separated by commas, without repetition', isTypes)
  @Optional()
  readonly types?: string;

  @ApiProperty({
    required: false,
    description:
      'Id of the last event that the client received. The stream continues after it. For clients that cannot send the header `Last-Event-ID`, which takes precedence if both are sent.',
    example: '5d0c7a1e-42',
  })
  @Expect(EVENT_ID, (value) => typeof value === 'string' && parseEventPlace(value) !== undefined)
  @Optional()
  readonly lastEventId?: string;

  /** @param header `Last-Event-ID`. @throws ConntrackError `INVALID_FILTER` */
  static toRequest(query: EventsQueryDto, header: string | undefined): EventRequest {
    const after = header === undefined || header === '' ? parseEventPlace(query.lastEventId ?? '') : placeIn(header);
    return {
      filter: EntryFilterDto.toFilter(query),
      types: EVENT_TYPES.filter((type) => typesIn(query.types).includes(type)),
      ...EntryScopeDto.toScope(query),
      ...(after && { after }),
    };
  }
}

function placeIn(header: string): EventPlace {
  const place = parseEventPlace(header);
  if (place) return place;
  const errors = [{ field: 'Last-Event-ID', expected: EVENT_ID, ...foundIn(header) }];
  throw new ConntrackError('INVALID_FILTER', `Last-Event-ID: expected ${EVENT_ID}.`, { errors });
}

function typesIn(text: string = EVENT_TYPES.join()): readonly string[] {
  return text.split(',');
}

function isTypes(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const types = typesIn(value);
  return types.every((type) => EVENT_TYPES.includes(type as EventType)) && new Set(types).size === types.length;
}
