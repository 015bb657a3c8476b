import type { Filter } from './filter.ts';

/** What happens to an entry. `update`: its state, status, mark, labels or helper changed; not its counters or its timeout. */
export const EVENT_TYPES = ['new', 'update', 'destroy'] as const;
type EventType = (typeof EVENT_TYPES)[number];

/** What happens to an expectation. */
export const EXPECTATION_EVENT_TYPES = ['expectation-new', 'expectation-destroy'] as const;
type ExpectationEventType = (typeof EXPECTATION_EVENT_TYPES)[number];

/** The types that a stream can have. */
export const STREAM_TYPES = [...EVENT_TYPES, ...EXPECTATION_EVENT_TYPES] as const;
export type StreamType = EventType | ExpectationEventType;

/** A position in the sequence of all events, before any filter. */
export interface EventPlace {
  /** Identifies one subscription to the kernel: 8 hexadecimal digits. Positions of different epochs cannot be compared. */
  readonly epoch: string;
  /** Of the last event before the position; a safe integer from 0. */
  readonly sequence: number;
}

export interface EventRequest {
  /** Selects entries, not expectations. */
  readonly filter: Filter;
  readonly types: readonly StreamType[];
  /** Where an earlier stream ended; absent: from now on. */
  readonly after?: EventPlace;
  /** Name of a network namespace, as `KernelNamespaces` lists it; absent: the service's own. */
  readonly namespace?: string;
  /** Id of the token that listens, whose share of the streams is limited; absent: the service itself. */
  readonly owner?: string;
}

/** The first event of every stream. */
export interface EventsReady {
  /** Events after this position follow. */
  readonly id: string;
  readonly source: 'ctnetlink';
  readonly types: readonly StreamType[];
  /** Whether the stream continues where an earlier one ended, without a gap. */
  readonly resumed: boolean;
  /** A stream that is silent for longer is dead. */
  readonly heartbeatSeconds: number;
}

/**
 * Why events are missing. `kernel`: its buffer for the service was full; `client`: it read too slowly; `resume`: the events between two streams
 * are no longer kept; `malformed`: a message of the kernel could not be parsed; `namespace`: the network namespace was deleted or replaced.
 */
export const GAP_REASONS = ['kernel', 'client', 'resume', 'malformed', 'namespace'] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** Events are missing here. */
export interface EventGap {
  readonly reason: GapReason;
  /** Number of missing events: for `client` after the filter, otherwise before any filter. Absent if unknown. */
  readonly dropped?: number;
  readonly remedy: string;
}

/** The last event of a stream that the service ends. */
export interface EventsEnd {
  readonly reason: string;
}

const PLACE = /^([0-9a-f]{8})-(0|[1-9][0-9]{0,14})$/;

/** `undefined` if the text is not an event id of this service. */
export function parseEventPlace(text: string): EventPlace | undefined {
  const [, epoch, sequence] = PLACE.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, sequence: Number(sequence) };
}

/** An event id as clients see it. */
export function formatEventPlace({ epoch, sequence }: EventPlace): string {
  return `${epoch}-${String(sequence)}`;
}
