import type { Family, Network } from '../entry.ts';

/** Both ends included. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** `original` direction first, then `reply`; `address` and `port` are any of the four ends. */
export const ADDRESS_FIELDS = ['source', 'destination', 'replySource', 'replyDestination', 'address'] as const;
export type AddressField = (typeof ADDRESS_FIELDS)[number];

export const NUMBER_FIELDS = [
  ...(['sourcePort', 'destinationPort', 'replySourcePort', 'replyDestinationPort', 'port'] as const),
  ...(['icmpType', 'icmpCode', 'icmpId'] as const),
  // Seconds until the entry expires, and since the flow began (only with timestamps).
  ...(['timeout', 'age'] as const),
  // Of both directions together; `original…` and `reply…` of one. Only with accounting.
  ...(['packets', 'bytes', 'originalPackets', 'originalBytes', 'replyPackets', 'replyBytes'] as const),
  // An entry without a zone is in zone 0.
  ...(['zone', 'originalZone', 'replyZone'] as const),
  // The number of a bit that is set among the entry's labels.
  'label',
  // Verification tags of SCTP: of either direction, of one. 32-bit security mark.
  ...(['vtag', 'originalVtag', 'replyVtag', 'secmark'] as const),
] as const;
export type NumberField = (typeof NUMBER_FIELDS)[number];

/** `source`: the source was translated (SNAT, masquerade); `destination`: DNAT, redirect; `any`: either; `none`: neither. */
export const NAT_KINDS = ['source', 'destination', 'any', 'none'] as const;
export type NatKind = (typeof NAT_KINDS)[number];

/**
 * One condition. An entry without the field does not meet it: a port of an ICMP flow, bytes without accounting, the state of a UDP flow.
 * Several values mean any of them.
 */
export type Test =
  | { readonly field: 'family'; readonly family: Family }
  /** IANA numbers. */
  | { readonly field: 'protocol'; readonly protocols: readonly number[] }
  | { readonly field: AddressField; readonly networks: readonly Network[] }
  /** The address that NAT put in place of the source (the reply's destination), or of the destination (the reply's source). */
  | { readonly field: 'natSource' | 'natDestination'; readonly networks: readonly Network[] }
  | { readonly field: NumberField; readonly ranges: readonly NumberRange[] }
  /** The kernel's names, upper-case; the same name counts for each protocol that has it. */
  | { readonly field: 'state'; readonly states: readonly string[] }
  /** All of the bits (positions in `enum ip_conntrack_status`, as a mask) are set. */
  | { readonly field: 'status'; readonly mask: number }
  /** `mark & mask` equals one of the values; unsigned 32-bit. */
  | { readonly field: 'mark'; readonly marks: readonly { readonly value: number; readonly mask: number }[] }
  | { readonly field: 'nat'; readonly nat: NatKind }
  | { readonly field: 'helper'; readonly helpers: readonly string[] }
  | { readonly field: 'secctx'; readonly contexts: readonly string[] };

/** Selects entries. An empty `all` selects every entry. Plain data, because it is sent to threads. */
export type Filter =
  | { readonly kind: 'all'; readonly of: readonly Filter[] }
  | { readonly kind: 'any'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'test'; readonly test: Test };

export const EVERY_ENTRY: Filter = { kind: 'all', of: [] };
