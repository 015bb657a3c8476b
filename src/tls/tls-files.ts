/** PEM files, as configured. */
export interface TlsFiles {
  /** The service's certificate, then those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** Authorities of the clients' certificates; absent: none is asked for. */
  readonly clientCa?: string;
}
