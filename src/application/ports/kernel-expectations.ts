import type { ExpectationCounts, ExpectationFilter, ExpectationPage, ExpectationSummary } from '../../domain/expectation.ts';
import type { EntryScope } from './kernel.ts';

/**
 * The expectations: flows that helpers expect. Read off the event loop; memory does not grow with their number.
 *
 * @throws ConntrackError `CONNTRACK_NOT_LOADED`; `NOT_SUPPORTED_HERE` where this kernel does not show them; `KERNEL_UNREADABLE` where it
 *   refuses; `TOO_MANY_DUMPS`, `RESOURCES_EXHAUSTED`, `NAMESPACE_NOT_FOUND`, `NAMESPACES_DISABLED`
 */
export abstract class KernelExpectations {
  /** At most `limit` matching expectations whose id sorts after `after`, in order of id. */
  abstract page(filter: ExpectationFilter, limit: number, after?: string, scope?: EntryScope): Promise<ExpectationPage>;

  abstract count(filter: ExpectationFilter, scope?: EntryScope): Promise<ExpectationSummary>;

  abstract countByHelper(scope?: EntryScope): Promise<ExpectationCounts>;

  /** NDJSON in order of id, with `limit` expectations at most, ending with a trailer record. Read only as fast as it is consumed. */
  abstract stream(filter: ExpectationFilter, scope?: EntryScope & { readonly limit?: number }): Promise<AsyncIterable<Uint8Array>>;

  abstract close(): Promise<void>;
}
