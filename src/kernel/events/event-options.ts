/** Limits of one feed. Its memory is allocated only while the feed has clients. */
export interface EventLimits {
  /** Receive buffer of the socket. The kernel charges about 1,280 bytes per event, and doubles this number. */
  readonly receiveBufferBytes: number;
  /** Size of the log for clients that are slow or reconnect, about 300 bytes per event. A multiple of four. */
  readonly logBytes: number;
  /** Maximum number of events in the log. */
  readonly logEvents: number;
  /** Chunks of 64 KiB that are encoded for one client and not consumed yet. */
  readonly pendingChunks: number;
  readonly heartbeatMilliseconds: number;
}

export interface EventOptions extends EventLimits {
  readonly maxClients: number;
  /** Network namespaces with a feed at once. */
  readonly maxFeeds: number;
  /** How long a feed keeps listening after its last client has left, so that a client that reconnects misses nothing. */
  readonly graceMilliseconds: number;
  /** How long a client may read nothing while chunks are pending for it. */
  readonly readTimeoutMilliseconds: number;
}

const MEBIBYTE = 1_048_576;

/** At 50,000 events/s, the receive buffer holds 1 s of events for the worker, and the log holds 2 s for a client. */
export const DEFAULT_OPTIONS: EventOptions = {
  maxClients: 16,
  maxFeeds: 4,
  graceMilliseconds: 30_000,
  readTimeoutMilliseconds: 60_000,
  receiveBufferBytes: 32 * MEBIBYTE,
  logBytes: 32 * MEBIBYTE,
  logEvents: 131_072,
  pendingChunks: 32,
  heartbeatMilliseconds: 15_000,
};
