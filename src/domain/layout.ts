/** The current `nf_conntrack`, or the `ip_conntrack` of Linux 2.4 to 2.6 (the CentOS 5 era). */
export type Layout = 'nf_conntrack' | 'ip_conntrack';

/** A field that could not be read, and why. The field is absent from the response, not 0. */
export interface Unavailable {
  /** The path of the field in the response: `memory.objectBytes`. */
  readonly field: string;
  /** The errno (`EACCES`), `ABSENT` if the kernel does not have it, `MALFORMED` if the text is not a decimal number. */
  readonly code: string;
  readonly detail: string;
  readonly remedy?: string;
}
