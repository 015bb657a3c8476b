import { ApiProperty } from '@nestjs/swagger';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import {
  EVENT_TYPES,
  EXPECTATION_EVENT_TYPES,
  parseEventPlace,
  STREAM_TYPES,
  type EventPlace,
  type EventRequest,
} from '../../domain/filter/entry-event.ts';
import { EntryFilterDto } from '../entries/entry-filter.dto.ts';
import { EntryScopeDto } from '../entries/entry-scope.dto.ts';
import { Expect, Optional } from '../input/expect.decorator.ts';
import { foundIn } from '../input/printable.ts';

const EVENT_ID = 'the id of an event, such as 5d0c7a1e-42';

/** Selects events by entry, type and start. */
export class EventsQueryDto extends EntryFilterDto {
  @ApiProperty({
    required: false,
    description:
      'Event types to return, separated by commas. Default: those of entries. Those of expectations (`expectation-new`, `expectation-destroy`) cannot be combined with a filter, which selects entries.',
    default: EVENT_TYPES.join(),
    example: 'new,destroy',
  })
  @Expect(`one or more of ${STREAM_TYPES.join(', ')}, separated by commas, without repetition`, isTypes)
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
    const types = STREAM_TYPES.filter((type) => typesIn(query.types).includes(type));
    if (EXPECTATION_EVENT_TYPES.some((type) => types.includes(type))) requireNoFilter(query);
    return {
      filter: EntryFilterDto.toFilter(query),
      types,
      ...EntryScopeDto.toScope(query),
      ...(after && { after }),
    };
  }
}

function requireNoFilter(query: EventsQueryDto): void {
  const filters = EntryFilterDto.given(query);
  if (filters.length === 0) return;
  throw new ConntrackError('INVALID_FILTER', `A filter selects entries, not expectations: ${filters.join(', ')}.`, {
    errors: filters.map((field) => ({ field, expected: 'no filter with events of expectations', ...foundIn(query[field]) })),
    remedy: 'Request the events of expectations in a separate stream.',
  });
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
  return types.every((type) => STREAM_TYPES.some((known) => known === type)) && new Set(types).size === types.length;
}
