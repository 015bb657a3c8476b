import type { Filter } from './filter.ts';

/** What happens to an entry. `update`: its state, status, mark, labels or helper changed; not its counters or its timeout. */
export const EVENT_TYPES = ['new', 'update', 'destroy'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** A place in the sequence of all events, whatever a client's filter lets through. */
export interface EventPlace {
  /** One listening to the kernel: 8 hexadecimal digits. Places of another epoch cannot be compared. */
  readonly epoch: string;
  /** Of the last event before the place; a safe integer from 0. */
  readonly sequence: number;
}

export interface EventRequest {
  readonly filter: Filter;
  readonly types: readonly EventType[];
  /** Where an earlier stream ended; absent: from now on. */
  readonly after?: EventPlace;
  /** Name of a network namespace, as `KernelNamespaces` lists it; absent: the service's own. */
  readonly namespace?: string;
}

/** What begins every stream. */
export interface EventsReady {
  /** Events after this place follow. */
  readonly id: string;
  readonly source: 'ctnetlink';
  readonly types: readonly EventType[];
  /** Whether the stream goes on where an earlier one ended, without a gap between them. */
  readonly resumed: boolean;
  /** A stream that is silent for longer is dead. */
  readonly heartbeatSeconds: number;
}

/**
 * Why events are missing. `kernel`: its buffer for us was full; `client`: it read too slowly; `resume`: what was between two streams is not
 * kept any more; `malformed`: the kernel said something that could not be understood.
 */
export const GAP_REASONS = ['kernel', 'client', 'resume', 'malformed'] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** Events are missing here. */
export interface EventGap {
  readonly reason: GapReason;
  /** How many: of `client` those that would have been shown, of the others before any filter. Absent where nobody knows. */
  readonly dropped?: number;
  readonly remedy: string;
}

/** What ends a stream that the client has not ended. */
export interface EventsEnd {
  readonly reason: string;
}

const PLACE = /^([0-9a-f]{8})-(0|[1-9][0-9]{0,14})$/;

/** `undefined` for a text that is no event id of ours. */
export function parseEventPlace(text: string): EventPlace | undefined {
  const [, epoch, sequence] = PLACE.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, sequence: Number(sequence) };
}

/** An event id as clients see it. */
export function formatEventPlace({ epoch, sequence }: EventPlace): string {
  return `${epoch}-${String(sequence)}`;
}
