import type { Idempotency, HostState } from '../../domain/change.ts';
import type { RiskCode } from '../../domain/risks/risk.ts';

/** Under which conditions a client wants its change. */
export interface ChangeTerms {
  /** Risks the client has seen and accepts. */
  readonly acknowledge: readonly RiskCode[];
  /** Revert unless confirmed in this many seconds. */
  readonly confirmWithinSeconds: number | null;
  readonly idempotency: Idempotency | null;
  /** Whether the live state is the one the client has seen (If-Match); asked inside the writer lane. */
  readonly isExpected: ((state: HostState) => boolean) | null;
}

export const PLAIN_TERMS: ChangeTerms = { acknowledge: [], confirmWithinSeconds: null, idempotency: null, isExpected: null };
