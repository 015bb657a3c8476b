import type { Idempotency, HostState } from '../../domain/change.ts';
import { DESIRED_ID } from '../../domain/desired/desired-history.ts';
import { GUARD_ID } from '../../domain/guard/guard-history.ts';
import type { RiskCode } from '../../domain/risks/risk.ts';
import type { Caller } from '../../domain/token.ts';

/** The conditions a client sets for its change. */
export interface ChangeTerms {
  /** Risks that the client accepts. */
  readonly acknowledge: readonly RiskCode[];
  /** Revert unless confirmed within this time; `null`: no confirmation window. */
  readonly confirmWithinSeconds: number | null;
  readonly idempotency: Idempotency | null;
  /** The change whose unconfirmed values this one replaces with a confirmed value. Absent: none. */
  readonly supersedes?: number;
  /** Whether the live state is the one that the client read (If-Match); called under the write lock. `null`: any state will do. */
  readonly isExpected: ((state: HostState) => boolean) | null;
}

export const PLAIN_TERMS: ChangeTerms = { acknowledge: [], confirmWithinSeconds: null, idempotency: null, isExpected: null };

/** The capacity guard as the actor of a change. */
export const GUARD_CALLER: Caller = { actor: { tokenId: GUARD_ID, name: 'guard', peer: 'local' }, requestId: 'guard', scopes: [] };

/** The desired state as the actor of a change. */
export const DESIRED_CALLER: Caller = {
  actor: { tokenId: DESIRED_ID, name: 'desired', peer: 'local' },
  requestId: 'desired',
  scopes: [],
};

/** The service itself as the actor of a change. @param requestId the task it changes the host for */
export function serviceCaller(requestId: string): Caller {
  return { actor: { tokenId: 'service', name: 'conntrack-api', peer: 'local' }, requestId, scopes: [] };
}
