/** The TLS certificate of this service. `material` is the current one. */
export interface ServerCertificate {
  readonly material: {
    readonly cert: Buffer;
    readonly key: Buffer;
    /** Clients must present a certificate issued by one of these authorities. */
    readonly clientCa?: Buffer;
  };
  onRenewed(use: (material: ServerCertificate['material']) => void): void;
}

/** Options of the HTTP layer, from the composition root. */
export interface HttpOptions {
  /** The kernel tree is not this host's. Every response is marked. */
  readonly simulated: boolean;
  /** Host names accepted besides `localhost`, `127.0.0.1` and `[::1]`, without port. */
  readonly allowedHosts: readonly string[];
  /** Origins of other sites whose pages may use this service from a browser: `https://dashboard.example`. */
  readonly allowedOrigins: readonly string[];
  /** Requests per second for each token and each address. 0: no limit. */
  readonly rateLimit: number;
  /** Absent: plain HTTP. */
  readonly certificate?: ServerCertificate;
  /** A pino level: `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`. */
  readonly logLevel: string;
  /** Formats a line of the log, which is JSON. Absent: the log stays JSON. */
  readonly formatLine?: (line: string) => string;
  /** Refuse changes without `If-Match`. */
  readonly requireIfMatch: boolean;
  /** Serve /metrics without a token. */
  readonly openMetrics: boolean;
  /** Reads the OpenAPI document, as JSON. */
  readonly readDocument: () => Promise<string>;
}
