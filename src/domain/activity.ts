/** What dumps of the table are under way, and what became of the others since the service started. */
export interface DumpActivity {
  readonly running: number;
  /** How many may be under way at once. */
  readonly limit: number;
  readonly ended: number;
  /** Not begun because as many as may were under way. */
  readonly refused: number;
  /** From its beginning to its end, waiting for a resize and for a slow client included; absent before the first has ended. */
  readonly lastSeconds?: number;
}

/** Who listens to events, and what was lost since the service started. */
export interface EventActivity {
  readonly clients: number;
  readonly limit: number;
  /** Times that the kernel had no room left for events. */
  readonly overruns: number;
  /** Events that the kernel dropped, as far as it says how many. */
  readonly droppedByKernel: number;
  /** Events dropped because a client did not read fast enough, counted for each client. */
  readonly droppedForClients: number;
}
