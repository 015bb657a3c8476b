/** Today's `nf_conntrack`, or the `ip_conntrack` of Linux 2.4 - 2.6 (the CentOS 5 era). */
export type Layout = 'nf_conntrack' | 'ip_conntrack';

/** A field that could not be read, and why: it is absent from the answer, never 0. */
export interface Unavailable {
  /** The field's path in the answer: `memory.objectBytes`. */
  readonly field: string;
  /** The errno (`EACCES`), `ABSENT` where the kernel offers no such thing, `MALFORMED` where the text is no decimal number. */
  readonly code: string;
  readonly detail: string;
  readonly remedy?: string;
}
