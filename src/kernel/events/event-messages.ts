import type { EventRequest } from '../../domain/filter/entry-event.ts';
import type { EventLimits } from './event-options.ts';
import type { SystemFailure } from '../system-failure.ts';

export interface EventWorkerData extends EventLimits {
  readonly epoch: string;
  /** Memory of {@link EventLosses}. */
  readonly losses: SharedArrayBuffer;
  /** The network namespace to listen in. Absent: that of the service. */
  readonly namespacePath?: string;
  /** The identity of the namespace at the path. */
  readonly namespaceIdentity?: string;
}

/** To the worker. Each client has its own channel. */
export type EventCommand =
  | { readonly kind: 'listen'; readonly channel: number; readonly request: EventRequest }
  /** The client has consumed a chunk; its buffer can be reused. */
  | { readonly kind: 'taken'; readonly channel: number; readonly buffer: ArrayBuffer }
  | { readonly kind: 'leave'; readonly channel: number };

/** From the worker: `listening` or `refused` first. Chunks hold whole events. */
export type EventMessage =
  | { readonly kind: 'listening' }
  | { readonly kind: 'refused'; readonly what: string; readonly failure: SystemFailure }
  | { readonly kind: 'chunk'; readonly buffer: ArrayBuffer; readonly length: number }
  /** Added on the main thread: the namespace no longer has the name by which the client requested it. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Added on the main thread when the worker failed or exited early. */
  | { readonly kind: 'broken'; readonly reason: string };

export type EventReport = EventMessage & { readonly channel: number };
