/** The names that this host has for the labels of entries. */
export abstract class LabelNames {
  /** Where the names are defined, for messages. */
  abstract readonly path: string;

  /** Label numbers by name; empty where there are none. */
  abstract read(): Promise<ReadonlyMap<string, number>>;
}
