/** What the composition root tells the HTTP edge. */
export interface HttpOptions {
  /** The kernel tree is not this machine's: every answer says so. */
  readonly simulated: boolean;
  /** Host names answered besides `localhost`, `127.0.0.1` and `[::1]`; without port. */
  readonly allowedHosts: readonly string[];
  /** A pino level: `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`. */
  readonly logLevel: string;
  /** Refuse to move the host for a request without `If-Match`. */
  readonly requireIfMatch: boolean;
  /** Answer /metrics without a token. */
  readonly openMetrics: boolean;
}
