/** Dumps of the table: those that are running, and those that ended since the service started. */
export interface DumpActivity {
  readonly running: number;
  /** The maximum number of concurrent dumps. */
  readonly limit: number;
  readonly ended: number;
  /** Refused because the limit was reached. */
  readonly refused: number;
  /** Duration of the last dump, including waits for a resize and for a slow client. Absent before the first one has ended. */
  readonly lastSeconds?: number;
}

/** Event streams, and events lost since the service started. */
export interface EventActivity {
  readonly clients: number;
  readonly limit: number;
  /** How often the kernel's event buffer was full. */
  readonly overruns: number;
  /** Events that the kernel dropped, where it reports the number. */
  readonly droppedByKernel: number;
  /** Events dropped because a client read too slowly, counted per client. */
  readonly droppedForClients: number;
}
