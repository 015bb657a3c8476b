import type { Layout } from '../layout.ts';
import { risk, type Risk } from './risk.ts';
import type { SettingChange } from '../change.ts';

/** What the rules look at besides the change; what could not be read is absent, and the rule that needs it says so. */
export interface HostFacts {
  readonly layout: Layout;
  readonly count?: number;
  readonly max?: number;
  readonly buckets?: number;
  /** Bytes of one entry without extensions, measured. */
  readonly objectBytes?: number;
  readonly memoryTotalBytes?: number;
  readonly memoryAvailableBytes?: number;
  /** Processors that are online. */
  readonly processors?: number;
  /** Buckets are rounded up to a multiple of this: page size / 8; absent where this kernel does not round. */
  readonly bucketQuantum?: number;
}

const BUCKET_BYTES = 8;
const EXTENSIONS_MAX_BYTES = 256;
/** Measured on 6.18; used only to warn where the real size cannot be read. */
const USUAL_OBJECT_BYTES = 256;
const RESIZE_ENTRIES_LIMIT = 100_000;
const STALL_SECONDS_PER_ENTRY = 0.45e-6;

/** What the kernel will make of a request: buckets are rounded up to a whole page, all else is taken as it is. */
export function expectedOf(name: string, requested: number, { bucketQuantum }: HostFacts): number {
  return name === 'buckets' && bucketQuantum !== undefined ? Math.ceil(requested / bucketQuantum) * bucketQuantum : requested;
}

/**
 * The guard rails, computed from the live host. Only settings that would really move are judged.
 *
 * @param confirmed whether the change has a confirmation window.
 */
export function assessRisks(settings: readonly SettingChange[], facts: HostFacts, confirmed: boolean): Risk[] {
  const moving = new Map(settings.filter(({ before, requested }) => before !== requested).map((setting) => [setting.name, setting]));
  const max = moving.get('max');
  const buckets = moving.get('buckets');
  const established = moving.get('tcp_timeout_established');
  return [
    ...(max ? [...maxAgainstCount(max, facts, confirmed), ...maxMemory(max, facts)] : []),
    ...(buckets ? [...bucketsMemory(buckets, facts), ...rounding(buckets, facts), ...resizeStall(facts)] : []),
    ...(max || buckets ? chainLength(max, buckets, facts) : []),
    ...(established ? establishedTimeout(established) : []),
  ];
}

function maxAgainstCount({ requested }: SettingChange, { count }: HostFacts, confirmed: boolean): Risk[] {
  if (requested === 0) return [risk('MAX_UNLIMITED', 'refused', 'max', '0 means unlimited: the table would grow until memory is gone.')];
  if (count === undefined) return [];
  if (requested < count) {
    const over = `${count - requested} of the ${count} flows in the table are over the new maximum: no new flow is accepted until they have expired.`;
    return [
      risk('MAX_BELOW_COUNT', 'acknowledge', 'max', over),
      ...(confirmed
        ? []
        : [
            risk(
              'MAX_BELOW_COUNT_UNCONFIRMED',
              'acknowledge',
              'max',
              'Without confirmWithinSeconds nothing undoes this if it locks you out.',
            ),
          ]),
    ];
  }
  if (requested < 1.25 * count) {
    return [
      risk(
        'MAX_NEAR_COUNT',
        'warning',
        'max',
        `The table would start out ${percent(count / requested)} full: ${count} flows of ${requested}.`,
      ),
    ];
  }
  return [];
}

function maxMemory({ before, requested }: SettingChange, { objectBytes, memoryTotalBytes }: HostFacts): Risk[] {
  if (requested <= before && before !== 0) return [];
  if (memoryTotalBytes === undefined) {
    return [
      risk('MAX_MEMORY_UNKNOWN', 'warning', 'max', 'The memory of this host cannot be read, so what a full table takes of it is unknown.'),
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
      `The hash table would take ${percent(share)} of the memory available now, and more while it is resized.`,
    ),
  ];
}

function rounding({ requested }: SettingChange, facts: HostFacts): Risk[] {
  const expected = expectedOf('buckets', requested, facts);
  if (expected === requested) return [];
  return [
    risk('BUCKETS_ROUNDED', 'information', 'buckets', `The kernel rounds up to whole pages and will make ${expected} of ${requested}.`),
  ];
}

function resizeStall({ count }: HostFacts): Risk[] {
  if (count === undefined) {
    return [
      risk(
        'RESIZE_UNKNOWN_COUNT',
        'warning',
        'buckets',
        'The number of entries cannot be read, so how long the resize stops traffic is unknown.',
      ),
    ];
  }
  if (count <= RESIZE_ENTRIES_LIMIT) return [];
  const seconds = (count * STALL_SECONDS_PER_ENTRY).toFixed(2);
  return [
    risk(
      'RESIZE_STALL',
      'acknowledge',
      'buckets',
      `All tracked traffic of this host stops for about ${seconds} s while ${count} entries move.`,
    ),
  ];
}

/**
 * Since Linux 5.15 a new flow is refused when its chain is too long; with two links an entry. A change that does not make it worse, and the
 * legacy layout, where a long chain is only slow, are warned of.
 */
function chainLength(max: SettingChange | undefined, buckets: SettingChange | undefined, facts: HostFacts): Risk[] {
  const entries = max?.requested ?? facts.max;
  const heads = buckets?.requested ?? facts.buckets;
  if (entries === undefined || heads === undefined || entries / heads <= 2) return [];
  const ratio = entries / heads;
  const worse = facts.max === undefined || facts.buckets === undefined || ratio > facts.max / facts.buckets;
  const message =
    `${entries} entries in ${heads} buckets are ${ratio.toFixed(1)} a bucket, an average chain of ${(2 * ratio).toFixed(1)}: ` +
    (facts.layout === 'nf_conntrack' ? 'kernels since 5.15 refuse new flows when a chain is too long' : 'every lookup walks it') +
    `. Raise buckets to ${entries}.`;
  const level = ratio > 4 && worse && facts.layout === 'nf_conntrack' ? 'acknowledge' : 'warning';
  return [risk('CHAIN_LENGTH', level, max ? 'max' : 'buckets', message)];
}

function establishedTimeout({ requested }: SettingChange): Risk[] {
  if (requested >= 7_440) return [];
  const message = `RFC 5382 asks for at least 7440 s: idle TCP flows are forgotten after ${requested} s and their next packet may be dropped.`;
  return [risk('TIMEOUT_BELOW_RFC5382', requested < 60 ? 'acknowledge' : 'warning', 'tcp_timeout_established', message)];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
