/** Exact values of one direction that the kernel compares. Addresses: 4 octets, never IPv6 (the kernel's filter is inverted there). */
export interface KernelTupleFilter {
  readonly source?: Uint8Array;
  readonly destination?: Uint8Array;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/**
 * What is handed to the kernel with a dump; all parts must match. It selects a superset of what is wanted: older kernels ignore what they do
 * not know, so each entry is looked at again. A tuple part needs `family`, a port needs `protocol` of tcp, udp, sctp or dccp.
 */
export interface KernelFilter {
  /** AF_INET or AF_INET6. */
  readonly family?: number;
  readonly protocol?: number;
  readonly original?: KernelTupleFilter;
  readonly reply?: KernelTupleFilter;
  readonly mark?: MaskedBits;
  readonly status?: MaskedBits;
  readonly zone?: number;
}

/** `field & mask` must equal `bits`. */
export interface MaskedBits {
  readonly bits: number;
  readonly mask: number;
}
