import type { Expectation, ExpectationFilter } from '../../domain/expectation.ts';
import type { SystemFailure } from '../system-failure.ts';

/** Where expectations come from. Paths include the root. */
export type ExpectationSource =
  | { readonly kind: 'netlink'; readonly namespacePath?: string }
  /** `isBehindEntries`: the file holds entries, too. */
  | { readonly kind: 'text'; readonly path: string; readonly isBehindEntries: boolean };

/** One pass over the expectations. */
export interface ExpectationRequest {
  readonly source: ExpectationSource;
  readonly filter: ExpectationFilter;
  /** Number of expectations to return. */
  readonly limit: number;
  /** Return only those whose id sorts after this one. */
  readonly after: string;
}

export interface ExpectationResult {
  /** The first ones in the order of their ids. */
  readonly items: readonly Expectation[];
  readonly hasMore: boolean;
  /** All that match. */
  readonly matching: number;
  readonly unparsed: number;
  readonly byHelper: Readonly<Record<string, number>>;
}

/** To the worker. Each request has its own channel. */
export interface ExpectationCommand {
  readonly channel: number;
  readonly request: ExpectationRequest;
}

/** From the worker: the one message of a channel. */
export type ExpectationReply = { readonly channel: number } & (
  { readonly result: ExpectationResult } | { readonly refusal: { readonly what: string; readonly failure: SystemFailure } }
);
