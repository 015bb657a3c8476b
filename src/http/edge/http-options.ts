/** TLS of this service itself; `material` is what is in use now. */
export interface ServerCertificate {
  readonly material: {
    readonly cert: Buffer;
    readonly key: Buffer;
    /** Whoever connects must show a certificate of these authorities. */
    readonly clientCa?: Buffer;
  };
  onRenewed(use: (material: ServerCertificate['material']) => void): void;
}

/** What the composition root tells the HTTP edge. */
export interface HttpOptions {
  /** The kernel tree is not this machine's: every answer says so. */
  readonly simulated: boolean;
  /** Host names answered besides `localhost`, `127.0.0.1` and `[::1]`; without port. */
  readonly allowedHosts: readonly string[];
  /** Of pages from elsewhere that may use this service from a browser: `https://dashboard.example`. */
  readonly allowedOrigins: readonly string[];
  /** Requests a second for each token and each address; 0 for no limit. */
  readonly rateLimit: number;
  /** Absent: plain HTTP. */
  readonly certificate?: ServerCertificate;
  /** A pino level: `fatal`, `error`, `warn`, `info`, `debug`, `trace`, `silent`. */
  readonly logLevel: string;
  /** Refuse to move the host for a request without `If-Match`. */
  readonly requireIfMatch: boolean;
  /** Answer /metrics without a token. */
  readonly openMetrics: boolean;
}
