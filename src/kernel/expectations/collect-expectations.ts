import { matchesExpectation, type Expectation } from '../../domain/expectation.ts';
import type { ExpectationRequest, ExpectationResult } from './expectation-messages.ts';

/** More helpers than any kernel has. Their names come from programs, too. */
const HELPERS_MAX = 1_000;

/** Takes expectations in any order and keeps the first `limit` of them in the order of their ids, so that memory is bounded. */
export class CollectedExpectations {
  private readonly request: Pick<ExpectationRequest, 'filter' | 'limit' | 'after'>;
  private readonly items: Expectation[] = [];
  private readonly byHelper = new Map<string, number>();
  private hasMore = false;
  private matching = 0;

  constructor(request: Pick<ExpectationRequest, 'filter' | 'limit' | 'after'>) {
    this.request = request;
  }

  take(expectation: Expectation): void {
    const { filter, after } = this.request;
    if (!matchesExpectation(filter, expectation)) return;
    this.matching += 1;
    this.countHelper(expectation.helper);
    if (expectation.id > after) this.insert(expectation);
  }

  result(unparsed: number): ExpectationResult {
    const { items, hasMore, matching, byHelper } = this;
    return { items, hasMore, matching, unparsed, byHelper: Object.fromEntries(byHelper) };
  }

  private insert(expectation: Expectation): void {
    const { items } = this;
    const at = this.position(expectation.id);
    // The kernel may list an expectation twice while others are added.
    if (items[at]?.id === expectation.id) return;
    items.splice(at, 0, expectation);
    if (items.length <= this.request.limit) return;
    items.pop();
    this.hasMore = true;
  }

  private countHelper(helper: string | undefined): void {
    const { byHelper } = this;
    if (helper === undefined || (byHelper.size >= HELPERS_MAX && !byHelper.has(helper))) return;
    byHelper.set(helper, (byHelper.get(helper) ?? 0) + 1);
  }

  /** Index of the first one whose id is not smaller. */
  private position(id: string): number {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.items[middle]?.id ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
