/** What clients and operators see of an error code. */
export interface ErrorDefinition {
  /** The HTTP status. A plain number: the domain knows nothing of HTTP, but one table keeps all facts about a code in one place. */
  readonly status: number;
  /** The same for every occurrence of the code (RFC 9457, 3.1.3); details of one occurrence are in `detail`. */
  readonly title: string;
  /** An example of `detail`, for the OpenAPI document. */
  readonly example: string;
  /** When the code occurs, as Markdown for docs/errors.md. */
  readonly meaning: string;
  /** What to do, as Markdown for docs/errors.md. */
  readonly remedy: string;
}
