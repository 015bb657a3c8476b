import type { EventRequest } from '../../domain/filter/entry-event.ts';
import type { EventLimits } from './event-options.ts';
import type { SystemFailure } from '../system-failure.ts';

export interface EventThreadData extends EventLimits {
  readonly epoch: string;
  /** Of {@link EventLosses}. */
  readonly losses: SharedArrayBuffer;
  /** Of the network namespace to listen in; absent: the service's own. */
  readonly namespacePath?: string;
}

/** To the thread. `client` numbers its clients. */
export type EventCommand =
  | { readonly kind: 'listen'; readonly client: number; readonly request: EventRequest }
  /** A chunk has gone to the client; its buffer can be used again. */
  | { readonly kind: 'taken'; readonly client: number; readonly buffer: ArrayBuffer }
  | { readonly kind: 'leave'; readonly client: number }
  /** Ends the thread: terminating it would leave its socket open. */
  | { readonly kind: 'close' };

/** From the thread: `listening` or `refused` first; chunks are whole events. */
export type EventMessage =
  | { readonly kind: 'listening' }
  | { readonly kind: 'refused'; readonly what: string; readonly failure: SystemFailure }
  | { readonly kind: 'chunk'; readonly buffer: ArrayBuffer; readonly length: number }
  /** Said by the receiver's side, when the thread has ended without being asked to. */
  | { readonly kind: 'broken'; readonly reason: string };

export type EventReport = EventMessage & { readonly client: number };
