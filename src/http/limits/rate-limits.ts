import { addressKey } from '../server/address-key.ts';
import { RecentTokens } from './recent-tokens.ts';
import { TokenBuckets } from './token-buckets.ts';

/** The limit that a request counts against, and the remaining quota. */
export interface Allowance {
  readonly policy: 'token' | 'address' | 'failures';
  readonly burst: number;
  readonly perSecond: number;
  readonly remaining: number;
  /** 0 if the request is within the limit. */
  readonly waitMilliseconds: number;
}

const BURST_SECONDS = 4;
const FAILURES_PER_MINUTE = 20;
const ADDRESSES = 10_000;
const TOKENS = 1_000;

/**
 * A recently verified token has its own limit, so that other clients at its address cannot lock it out. Every other request counts against
 * its address. After too many invalid tokens from an address, further unknown tokens from there are refused without looking them up.
 */
export class RateLimits {
  private readonly perSecond: number;
  private readonly burst: number;
  private readonly tokens: TokenBuckets;
  private readonly addresses: TokenBuckets;
  private readonly failures: TokenBuckets;
  private readonly recent = new RecentTokens(TOKENS);

  /** @param perSecond for each token and each address; 0 disables all limits */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.perSecond = perSecond;
    this.burst = perSecond * BURST_SECONDS;
    this.tokens = new TokenBuckets(perSecond, this.burst, TOKENS, now);
    this.addresses = new TokenBuckets(perSecond, this.burst, ADDRESSES, now);
    this.failures = new TokenBuckets(FAILURES_PER_MINUTE / 60, FAILURES_PER_MINUTE, ADDRESSES, now);
  }

  /** Counts a request. Absent if limits are disabled. @param secret the token of the request, not yet verified */
  count(peer: string, secret: string | undefined): Allowance | undefined {
    if (this.perSecond === 0) return undefined;
    const known = secret === undefined ? undefined : this.recent.keyOf(secret);
    if (known !== undefined) return this.take('token', this.tokens, known);
    const address = addressKey(peer);
    const waitMilliseconds = secret === undefined ? 0 : this.failures.waitMilliseconds(address);
    if (waitMilliseconds === 0) return this.take('address', this.addresses, address);
    return { policy: 'failures', burst: FAILURES_PER_MINUTE, perSecond: FAILURES_PER_MINUTE / 60, remaining: 0, waitMilliseconds };
  }

  /** Whether the token was verified recently. It may have been revoked since. */
  isKnown(secret: string): boolean {
    return this.recent.keyOf(secret) !== undefined;
  }

  verified(secret: string): void {
    this.recent.add(secret);
  }

  failed(peer: string, secret: string): void {
    this.recent.remove(secret);
    this.failures.take(addressKey(peer));
  }

  private take(policy: Allowance['policy'], buckets: TokenBuckets, key: string): Allowance {
    const waitMilliseconds = buckets.take(key);
    return { policy, burst: this.burst, perSecond: this.perSecond, remaining: buckets.remaining(key), waitMilliseconds };
  }
}
