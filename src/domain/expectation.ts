import type { Ends, Family, MasterTuple } from './entry.ts';

/** Names of the kernel's `NF_CT_EXPECT_*` flags, in the order of their bits. */
export const EXPECTATION_FLAGS = ['PERMANENT', 'INACTIVE', 'USERSPACE'] as const;
export type ExpectationFlag = (typeof EXPECTATION_FLAGS)[number];

/** How NAT translates the flow when it arrives. */
export interface ExpectationNat {
  /** The direction of the master flow in which the expected flow is established. */
  readonly direction: 'original' | 'reply';
  /** The address and port from before NAT, as source. */
  readonly tuple: Ends;
}

/** A flow that a helper expects as part of another one, such as the data connection of an FTP session. */
export interface Expectation {
  /** Opaque. Built from family, protocol, the expected tuple and, if the source has it, the kernel's id. */
  readonly id: string;
  readonly family: Family;
  readonly protocol: string;
  /** IANA number. */
  readonly protocolNumber: number;
  /** Seconds until it expires; absent if it never does (legacy kernels). */
  readonly timeoutSeconds?: number;
  readonly tuple: Ends;
  /** The bits of the tuple that count. Absent in text. */
  readonly mask?: Ends;
  /** The original tuple of the flow whose helper expects this one. Absent in text. */
  readonly master?: MasterTuple;
  readonly zone?: number;
  readonly helper?: string;
  readonly flags: readonly ExpectationFlag[];
  /** Number of the helper's policy. Absent in text, which has the name instead. */
  readonly class?: number;
  readonly className?: string;
  /** Only if NAT translates the master flow. */
  readonly nat?: ExpectationNat;
  /** Name of the function that the kernel calls when the flow arrives. */
  readonly function?: string;
}

export interface ExpectationFilter {
  readonly family?: Family;
  readonly helper?: string;
}

/**
 * `lossy`: some expectations could not be parsed. `truncated`: more match than were requested of a stream. `interrupted`: the stream ended
 * early.
 */
export const EXPECTATION_OUTCOMES = ['complete', 'lossy', 'truncated', 'interrupted'] as const;
export type ExpectationOutcome = (typeof EXPECTATION_OUTCOMES)[number];

/** The result of reading the expectations. */
export interface ExpectationSummary {
  readonly outcome: ExpectationOutcome;
  /** Expectations that matched and were returned. */
  readonly expectations: number;
  /** Expectations that could not be parsed; they are counted, not shown. */
  readonly unparsed: number;
  /** `ctnetlink`, or the path of a text file. */
  readonly source: string;
  /** Why it is `interrupted`. */
  readonly reason?: string;
}

/** In the order of `id`. */
export interface ExpectationPage {
  readonly items: readonly Expectation[];
  /** The id to continue after; absent on the last page. */
  readonly next?: string;
  readonly summary: ExpectationSummary;
}

/** Number of expectations by the name of their helper. */
export interface ExpectationCounts {
  /** Absent if the source does not show helpers. */
  readonly byHelper?: Readonly<Record<string, number>>;
  readonly summary: ExpectationSummary;
}

export function matchesExpectation({ family, helper }: ExpectationFilter, expectation: Expectation): boolean {
  return (family === undefined || family === expectation.family) && (helper === undefined || helper === expectation.helper);
}
