import type { Layout } from '../layout.ts';
import { hasChainLimit } from '../sizing/refusal-chance.ts';
import { risk, type Risk } from './risk.ts';
import type { SettingChange } from '../change.ts';
import { entriesWhenFull, type HostEntries } from '../host-entries.ts';
import { namespacesBelow, namespacesUnknown } from './namespace-risks.ts';

/** What the rules need besides the change. What could not be read is absent; the rule that needs it reports a risk or nothing. */
export interface HostFacts {
  readonly layout: Layout;
  /** As `uname -r`. */
  readonly release?: string;
  readonly count?: number;
  readonly max?: number;
  readonly buckets?: number;
  /** Entries of all network namespaces, which share the buckets. Absent: those of `count` are all. */
  readonly host?: HostEntries;
  /** Measured bytes of one entry without extensions. */
  readonly objectBytes?: number;
  readonly memoryTotalBytes?: number;
  readonly memoryAvailableBytes?: number;
  /** Processors that are online. */
  readonly processors?: number;
  /** The kernel rounds buckets up to a multiple of this (page size / 8). Absent if this kernel does not round. */
  readonly bucketQuantum?: number;
}

const BUCKET_BYTES = 8;
const EXTENSIONS_MAX_BYTES = 256;
/** Measured on Linux 6.18. Used only if the real size cannot be read. */
const USUAL_OBJECT_BYTES = 256;
const RESIZE_ENTRIES_LIMIT = 100_000;
const STALL_SECONDS_PER_ENTRY = 0.45e-6;

/** The value the kernel will report after a write: it rounds buckets up to a whole page. */
export function expectedOf(name: string, requested: number, { bucketQuantum }: HostFacts): number {
  return name === 'buckets' && bucketQuantum !== undefined ? Math.ceil(requested / bucketQuantum) * bucketQuantum : requested;
}

/**
 * Risks of a change on this host in its current state. Only settings whose value changes are assessed.
 *
 * @param confirmed whether the change has a confirmation window
 */
export function assessRisks(settings: readonly SettingChange[], facts: HostFacts, confirmed: boolean): Risk[] {
  const changed = new Map(settings.filter(({ before, requested }) => before !== requested).map((setting) => [setting.name, setting]));
  const max = changed.get('max');
  const buckets = changed.get('buckets');
  const established = changed.get('tcp_timeout_established');
  return [
    ...(max ? [...maxAgainstCount(max, facts, confirmed), ...maxMemory(max, facts)] : []),
    ...(buckets ? [...bucketsMemory(buckets, facts), ...rounding(buckets, facts), ...resizeStall(facts)] : []),
    ...(max || buckets ? chainLength(max, buckets, facts) : []),
    ...(established ? establishedTimeout(established) : []),
  ];
}

function maxAgainstCount({ before, requested }: SettingChange, { count, host }: HostFacts, confirmed: boolean): Risk[] {
  if (requested === 0)
    return [risk('MAX_UNLIMITED', 'refused', 'max', 'A max of 0 means no limit: a flood of new flows can exhaust memory. Set a limit.')];
  const over = [...ownOver(requested, count), ...namespacesBelow(requested, host)];
  const isLower = before === 0 || requested < before;
  return [
    ...(over.length > 0 ? [risk('MAX_BELOW_COUNT', 'acknowledge', 'max', over.join(' '))] : []),
    ...(over.length > 0 && !confirmed ? [unconfirmed()] : []),
    ...(isLower ? namespacesUnknown(requested, host) : []),
    ...nearCount(requested, count, host),
  ];
}

function ownOver(requested: number, count: number | undefined): string[] {
  if (count === undefined || requested >= count) return [];
  return [
    `${count - requested} of the ${count} flows in the table are over the new maximum: no new flow is accepted until they have expired.`,
  ];
}

function unconfirmed(): Risk {
  const message = 'Without confirmWithinSeconds, nothing reverts this change if it locks you out.';
  return risk('MAX_BELOW_COUNT_UNCONFIRMED', 'acknowledge', 'max', message);
}

/** The fullest table that is not above the new maximum. */
function nearCount(requested: number, count: number | undefined, host: HostEntries | undefined): Risk[] {
  const tables = [{ name: '', count: count ?? 0 }, ...(host?.namespaces ?? [])].filter((table) => table.count <= requested);
  const fullest = tables.reduce((a, b) => (b.count > a.count ? b : a), { name: '', count: 0 });
  if (requested >= 1.25 * fullest.count) return [];
  const table = fullest.name === '' ? 'The table' : `The table of network namespace ${fullest.name}`;
  const use = `${percent(fullest.count / requested)} full at once: ${fullest.count} of ${requested} entries`;
  return [risk('MAX_NEAR_COUNT', 'warning', 'max', `${table} would be ${use}. At 100 % new flows are dropped.`)];
}

function maxMemory({ before, requested }: SettingChange, { objectBytes, memoryTotalBytes }: HostFacts): Risk[] {
  if (requested <= before && before !== 0) return [];
  if (memoryTotalBytes === undefined) {
    return [
      risk(
        'MAX_MEMORY_UNKNOWN',
        'warning',
        'max',
        'The memory of this host cannot be read, so the share that a full table would take is unknown.',
      ),
    ];
  }
  const entryBytes = (objectBytes ?? USUAL_OBJECT_BYTES) + EXTENSIONS_MAX_BYTES;
  const share = (requested * entryBytes) / memoryTotalBytes;
  const message = `A full table would take up to ${percent(share)} of memory: ${requested} entries of up to ${entryBytes} bytes.`;
  if (share > 0.6) return [risk('MAX_MEMORY', 'refused', 'max', message)];
  return share > 0.25 ? [risk('MAX_MEMORY', 'acknowledge', 'max', message)] : [];
}

function bucketsMemory({ requested }: SettingChange, { memoryAvailableBytes }: HostFacts): Risk[] {
  if (memoryAvailableBytes === undefined) return [];
  const share = (requested * BUCKET_BYTES) / memoryAvailableBytes;
  if (share <= 0.1) return [];
  return [
    risk(
      'BUCKETS_MEMORY',
      'refused',
      'buckets',
      `The hash table would take ${percent(share)} of the memory available now, and more during the resize. Choose fewer buckets.`,
    ),
  ];
}

function rounding({ requested }: SettingChange, facts: HostFacts): Risk[] {
  const expected = expectedOf('buckets', requested, facts);
  if (expected === requested) return [];
  return [risk('BUCKETS_ROUNDED', 'information', 'buckets', `The kernel rounds ${requested} up to whole pages: ${expected}.`)];
}

/** A resize moves the entries of all network namespaces. What cannot be counted may add to them. */
function resizeStall({ count, host }: HostFacts): Risk[] {
  const total = host ? host.total : count;
  const known = total ?? count;
  if (known !== undefined && known > RESIZE_ENTRIES_LIMIT) {
    const seconds = (known * STALL_SECONDS_PER_ENTRY).toFixed(2);
    const least = total === undefined ? 'at least ' : '';
    const message = `All tracked traffic of this host stops for about ${seconds} s while ${least}${known} entries${host ? ' of all network namespaces' : ''} move to the new hash table.`;
    return [risk('RESIZE_STALL', 'acknowledge', 'buckets', message)];
  }
  if (total !== undefined) return [];
  const unknown = count === undefined ? 'The number of entries' : 'The number of entries of other network namespaces';
  const message = `${unknown} cannot be read, so the time for which the resize stops traffic is unknown.`;
  return [risk('RESIZE_UNKNOWN_COUNT', 'warning', 'buckets', message)];
}

/**
 * Since Linux 5.15 the kernel refuses a new flow whose chain is too long; each entry is in two chains. The level is only `warning` for a change
 * that does not make it worse, and for earlier kernels, where long chains are slow but refuse nothing. On those kernels up to 4 entries per
 * bucket, the default of nf_conntrack, are not a risk.
 */
function chainLength(max: SettingChange | undefined, buckets: SettingChange | undefined, facts: HostFacts): Risk[] {
  const atMax = max?.requested ?? facts.max;
  const heads = buckets?.requested ?? facts.buckets;
  if (atMax === undefined || heads === undefined) return [];
  const isLimited = hasChainLimit(facts.layout, facts.release);
  const entries = entriesWhenFull(atMax, facts.count, facts.host);
  const ratio = entries / heads;
  if (ratio <= (isLimited || facts.layout === 'ip_conntrack' ? 2 : 4)) return [];
  const before = facts.max === undefined ? undefined : entriesWhenFull(facts.max, facts.count, facts.host);
  const worse = before === undefined || facts.buckets === undefined || ratio > before / facts.buckets;
  const effect = isLimited ? 'kernels since 5.15 refuse new flows whose chain is too long' : 'long chains slow down every lookup';
  const message = `${entries} entries in ${heads} buckets are ${ratio.toFixed(1)} per bucket, an average chain of ${(2 * ratio).toFixed(1)}: ${effect}. Raise buckets to ${entries}.`;
  const isSevere = ratio > 4 && worse && isLimited;
  return [risk('CHAIN_LENGTH', isSevere ? 'acknowledge' : 'warning', max ? 'max' : 'buckets', message)];
}

function establishedTimeout({ requested }: SettingChange): Risk[] {
  if (requested >= 7_440) return [];
  const message = `RFC 5382 requires at least 7440 s. Idle TCP flows would be forgotten after ${requested} s, and their next packet may be dropped.`;
  return [risk('TIMEOUT_BELOW_RFC5382', requested < 60 ? 'acknowledge' : 'warning', 'tcp_timeout_established', message)];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
