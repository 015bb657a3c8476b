/** The memory that the limits of this process leave free. Above a limit, the kernel would kill the whole service. */
export abstract class ProcessMemory {
  /**
   * Reserves memory for a request.
   *
   * @param kind changes are admitted with less free memory than reads
   * @returns releases the memory
   * @throws ConntrackError `RESOURCES_EXHAUSTED` with the limit if too little is free
   */
  abstract admit(kind: 'read' | 'change'): () => void;

  /** Frees what can be freed if little is left. To be called every second: work in the background needs memory, too. */
  abstract relieve(): void;
}
