/** Exact values of one direction that the kernel compares. Addresses have 4 octets, never IPv6: the kernel's filter for IPv6 is inverted. */
export interface KernelTupleFilter {
  readonly source?: Uint8Array;
  readonly destination?: Uint8Array;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/**
 * The filter that a dump request carries. All parts must match. Older kernels ignore unknown parts, so the kernel returns a superset and each
 * entry is checked again. A tuple part requires `family`; a port requires `protocol` tcp, udp, sctp or dccp.
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
