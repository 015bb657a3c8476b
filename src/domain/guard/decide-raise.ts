import { assessRisks, type HostFacts } from '../risks/setting-risks.ts';
import { recommend } from '../sizing/recommend.ts';
import { hasChainLimit, leastBuckets } from '../sizing/refusal-chance.ts';
import type { GuardConfig, GuardEvidence, GuardLimit } from './guard-config.ts';
import { isContested, type GuardHistory, type Lowering } from './guard-history.ts';

/** Above this many entries per bucket, a change of `max` is refused unless a person acknowledges it (risk CHAIN_LENGTH). */
const ENTRIES_PER_BUCKET = 4;
const MAX_LIMIT = 2_147_483_647;

/** Count and max of the network namespace of the service. What cannot be read is absent. */
export interface GuardReading {
  readonly count?: number;
  readonly max?: number;
  /** Of the forecast; absent if there is none. */
  readonly secondsToFull?: number;
}

/** Why `max` should be raised. */
export type Trigger = Pick<GuardEvidence, 'trigger' | 'count' | 'max' | 'secondsToFull'>;

interface Raise {
  readonly max: number;
  /** Absent: the buckets stay. */
  readonly buckets?: number;
  readonly evidence: GuardEvidence;
}

export const GUARD_ACTIONS = ['off', 'none', 'raise', 'cooldown', 'at-limit', 'suspended', 'CONTESTED'] as const;

export type GuardDecision =
  | { readonly action: 'off' | 'none'; readonly reason: string }
  | { readonly action: 'raise'; readonly reason: string; readonly raise: Raise }
  | { readonly action: 'cooldown'; readonly reason: string; readonly waitSeconds: number }
  | { readonly action: 'at-limit'; readonly reason: string; readonly limitedBy?: GuardLimit }
  | { readonly action: 'suspended' | 'CONTESTED'; readonly reason: string; readonly by: readonly Lowering[] };

/** The text is why not. */
function triggerOf(config: GuardConfig, { count, max, secondsToFull }: GuardReading): Trigger | string {
  if (count === undefined || max === undefined) return 'count or max cannot be read.';
  if (max === 0) return 'max is 0 (no limit).';
  const facts = { count, max, ...(secondsToFull !== undefined && { secondsToFull }) };
  if (count >= max * config.raiseAt) return { trigger: 'raiseAt', ...facts };
  if (secondsToFull !== undefined && secondsToFull < config.predictSeconds) return { trigger: 'predictSeconds', ...facts };
  const forecast = config.predictSeconds === 0 ? '' : `, and no forecast fills the table within ${config.predictSeconds} s`;
  return `${count} of ${max} entries are in use${forecast}.`;
}

/** The decision to raise. */
export type RaiseDecision = Extract<GuardDecision, { readonly action: 'raise' }>;

/** Why `max` should be raised now, or the decision not to. Needs no more than two numbers of the kernel. */
export function whetherToRaise(config: GuardConfig, reading: GuardReading, history: GuardHistory, now: Date): Trigger | GuardDecision {
  if (!config.enabled) return { action: 'off', reason: 'The guard is off.' };
  const stopped = whyStopped(history);
  if (stopped) return stopped;
  const trigger = triggerOf(config, reading);
  if (typeof trigger === 'string') return { action: 'none', reason: trigger };
  const waitSeconds = remainingCooldown(config, history, now);
  if (waitSeconds > 0) {
    return { action: 'cooldown', waitSeconds, reason: `The last raise was less than ${config.cooldownSeconds} s ago (cooldownSeconds).` };
  }
  return trigger;
}

function whyStopped({ suspendedBy, ...history }: GuardHistory): GuardDecision | undefined {
  const restart = 'PUT /api/v1/guard starts the guard again.';
  if (suspendedBy) {
    const reason = `Change ${suspendedBy.change} by ${suspendedBy.by} lowered max after the guard had raised it. ${restart}`;
    return { action: 'suspended', reason, by: [suspendedBy] };
  }
  const writers = history.lowered.map(({ change, by }) => `change ${change}, ${by}`).join('; ');
  if (!isContested(history)) return undefined;
  return { action: 'CONTESTED', reason: `Another program lowers max again (${writers}). ${restart}`, by: history.lowered };
}

function remainingCooldown({ cooldownSeconds }: GuardConfig, { lastAttempt }: GuardHistory, now: Date): number {
  const elapsed = lastAttempt === undefined ? Infinity : (now.getTime() - lastAttempt.getTime()) / 1000;
  // A clock that was set back must not stop the guard.
  return elapsed < 0 ? 0 : Math.max(0, Math.ceil(cooldownSeconds - elapsed));
}

/** Raises as far as the limits allow. Never lowers. */
export function decideRaise(config: GuardConfig, trigger: Trigger, facts: HostFacts): GuardDecision {
  const { buckets, memoryTotalBytes } = facts;
  if (memoryTotalBytes === undefined)
    return { action: 'at-limit', reason: 'The memory of this host cannot be read, so memoryShare is unknown.' };
  if (buckets === undefined) return { action: 'at-limit', reason: 'buckets cannot be read, so the length of the chains is unknown.' };
  const memory = recommend({ basis: 'memory', memoryBytes: Math.floor(memoryTotalBytes * config.memoryShare) }, facts, 1).max;
  const limits: readonly Limit[] = [
    { limit: config.ceiling ?? Infinity, limitedBy: 'ceiling' },
    { limit: memory, limitedBy: 'memoryShare' },
    { limit: MAX_LIMIT, limitedBy: 'kernel' },
  ];
  const wanted = Math.ceil(trigger.max * config.factor);
  const resized = config.buckets === 'follow' ? withBuckets(wanted, lowest(limits), trigger, facts) : undefined;
  if (resized) return raise(resized, lowest(limits), trigger, config);
  const others = Math.max(0, (facts.host?.total ?? 0) - trigger.count);
  const chain = hasChainLimit(facts.layout, facts.release) ? ENTRIES_PER_BUCKET * buckets - others : Infinity;
  const within = lowest([...limits, { limit: chain, limitedBy: 'chainLength' }]);
  return raise({ max: Math.min(wanted, within.limit) }, within, trigger, config);
}

interface Limit {
  readonly limit: number;
  readonly limitedBy: GuardLimit;
}

function lowest(limits: readonly Limit[]): Limit {
  return limits.reduce((one, other) => (other.limit < one.limit ? other : one));
}

/** The raise with as many buckets as entries, if chains would otherwise be too long and the resize has no risk. */
function withBuckets(wanted: number, { limit }: Limit, { max: before }: Trigger, facts: HostFacts): Omit<Raise, 'evidence'> | undefined {
  const max = Math.min(wanted, limit);
  const { buckets = 0, bucketQuantum = 1 } = facts;
  if (!hasChainLimit(facts.layout, facts.release) || buckets >= leastBuckets(max, bucketQuantum)) return undefined;
  const needed = recommend({ basis: 'connections', connections: max }, facts, 1).buckets;
  const risks = assessRisks(
    [
      { name: 'max', before, requested: max },
      { name: 'buckets', before: buckets, requested: needed },
    ],
    facts,
    false,
  );
  const isAccepted = risks.every(({ code, setting, level }) => code === 'MAX_MEMORY' || (setting !== 'buckets' && level !== 'acknowledge'));
  return max > before && needed > buckets && isAccepted ? { max, buckets: needed } : undefined;
}

function raise(to: Omit<Raise, 'evidence'>, { limit, limitedBy }: Limit, trigger: Trigger, config: GuardConfig): GuardDecision {
  if (to.max <= trigger.max) {
    return { action: 'at-limit', limitedBy, reason: `max is ${trigger.max}, and ${limitedBy} allows ${Math.max(0, limit)}.` };
  }
  const evidence = { ...trigger, limit, limitedBy, persistAfterConfirm: config.persist === 'afterConfirm' };
  return { action: 'raise', reason: reasonOf(evidence, config), raise: { ...to, evidence } };
}

function reasonOf({ trigger, count, max, secondsToFull, limit, limitedBy }: GuardEvidence, { raiseAt }: GuardConfig): string {
  const used = `${count} of ${max} entries in use (${((100 * count) / max).toFixed(1)} %)`;
  const why = trigger === 'raiseAt' ? `at or above ${Math.round(1000 * raiseAt) / 10} %` : 'below raiseAt';
  const full = secondsToFull === undefined ? '' : `; the forecast fills the table in ${secondsToFull} s`;
  return `guard: ${used}, ${why}${full}; limit ${limit} (${limitedBy})`;
}
