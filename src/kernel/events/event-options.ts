/** Bounds of what one listening to the kernel takes. Its memory is taken only while somebody listens. */
export interface EventLimits {
  /** What the kernel keeps until the thread reads it; it counts about 1,280 bytes an event, and doubles this number. */
  readonly receiveBufferBytes: number;
  /** What is kept for clients that are behind or come back, as the kernel sent it: some 300 bytes an event. A multiple of four. */
  readonly logBytes: number;
  /** The same as a number of events. */
  readonly logEvents: number;
  /** Chunks of 64 KiB that are encoded for one client and not taken by it yet. */
  readonly pendingChunks: number;
  readonly heartbeatMilliseconds: number;
}

export interface EventOptions extends EventLimits {
  readonly maxClients: number;
  /** Network namespaces listened to at once. */
  readonly maxFeeds: number;
  /** How long the kernel is listened to after the last client has left, so that one that comes back misses nothing. */
  readonly graceMilliseconds: number;
  /** How long a client may take nothing of what there is for it. */
  readonly patienceMilliseconds: number;
}

const MEBIBYTE = 1_048_576;

/** At 50,000 events a second the kernel bridges a second for the thread, and the log two for a client. */
export const DEFAULT_OPTIONS: EventOptions = {
  maxClients: 16,
  maxFeeds: 4,
  graceMilliseconds: 30_000,
  patienceMilliseconds: 60_000,
  receiveBufferBytes: 32 * MEBIBYTE,
  logBytes: 32 * MEBIBYTE,
  logEvents: 131_072,
  pendingChunks: 32,
  heartbeatMilliseconds: 15_000,
};
