import {
  BUCKET_BYTES,
  EXTENSIONS_MAX_BYTES,
  sizingOf,
  USUAL_OBJECT_BYTES,
  type Sizing,
  type SizingHost,
  type SizingStep,
  type SizingTarget,
} from './sizing.ts';

/** Keeps the expected load below 67 % of the table; the first warning comes at 80 %. */
export const HEADROOM_DEFAULT = 1.5;
/** Bucket heads in a page of 4 KiB: the kernel rounds buckets up to whole pages. */
const USUAL_QUANTUM = 512;
const MAX_LIMIT = 2_147_483_647;
const BUCKETS_LIMIT = 268_435_455;

export interface Recommendation extends Sizing {
  readonly steps: readonly SizingStep[];
}

/** Max for the target, and as many buckets as entries. Each step gives its reason. */
export function recommend(target: SizingTarget, host: SizingHost, headroom: number): Recommendation {
  const { bucketQuantum = host.layout === 'ip_conntrack' ? 1 : USUAL_QUANTUM } = host;
  const needed = target.basis === 'memory' ? fitting(target.memoryBytes, host, bucketQuantum) : withHeadroom(target, headroom);
  const entries = needed.at(-1)?.value ?? 0;
  const max = Math.min(Math.max(1, entries), MAX_LIMIT);
  const buckets = Math.min(Math.ceil(max / bucketQuantum) * bucketQuantum, Math.floor(BUCKETS_LIMIT / bucketQuantum) * bucketQuantum);
  const sizing = sizingOf(max, buckets, host);
  return { ...sizing, steps: [...needed, maxStep(max), bucketsStep(buckets, bucketQuantum), ...memorySteps(sizing, host)] };
}

function withHeadroom(target: Exclude<SizingTarget, { basis: 'memory' }>, headroom: number): readonly SizingStep[] {
  const steps = expected(target);
  const entries = Math.ceil((steps.at(-1)?.value ?? 0) * headroom);
  return [
    ...steps,
    {
      step: 'headroom',
      value: headroom,
      unit: 'factor',
      why: `Room for bursts, scans and retries. At the expected load the table is ${Math.round(100 / headroom)} % full.`,
    },
    { step: 'entries with headroom', value: entries, unit: 'entries', why: 'Expected entries × headroom.' },
  ];
}

function expected(target: Exclude<SizingTarget, { basis: 'memory' }>): readonly SizingStep[] {
  switch (target.basis) {
    case 'connections':
      return [
        {
          step: 'expected entries',
          value: target.connections,
          unit: 'entries',
          why: 'As requested: one entry per tracked flow, for both directions.',
        },
      ];
    case 'rate': {
      const { newPerSecond, lifetimeSeconds } = target;
      return [
        { step: 'new flows', value: newPerSecond, unit: 'entries per second', why: 'As requested.' },
        {
          step: 'lifetime',
          value: lifetimeSeconds,
          unit: 'seconds',
          why: 'As requested: how long an entry stays, including the timeout after its last packet.',
        },
        {
          step: 'expected entries',
          value: Math.ceil(newPerSecond * lifetimeSeconds),
          unit: 'entries',
          why: 'Little’s law: entries in the table = new flows per second × lifetime.',
        },
      ];
    }
    case 'peak':
      return [
        {
          step: 'expected entries',
          value: target.peak,
          unit: 'entries',
          why: `The highest number in any sample, at ${target.at.toISOString()}. Peaks between two samples are not included.`,
        },
      ];
  }
}

/** The most entries whose objects, extensions and buckets fit. Without headroom, because the budget is a limit, not an expectation. */
function fitting(memoryBytes: number, host: SizingHost, quantum: number): readonly SizingStep[] {
  const { objectBytes = USUAL_OBJECT_BYTES } = host;
  const entryBytes = objectBytes + EXTENSIONS_MAX_BYTES + BUCKET_BYTES;
  const measured = host.objectBytes === undefined ? 'the usual size (the real one cannot be read)' : 'measured';
  return [
    { step: 'memory budget', value: memoryBytes, unit: 'bytes', why: 'As requested.' },
    {
      step: 'bytes of an entry',
      value: entryBytes,
      unit: 'bytes',
      why: `${objectBytes} for the object (${measured}), at most ${EXTENSIONS_MAX_BYTES} for all its extensions, ${BUCKET_BYTES} for its bucket.`,
    },
    {
      step: 'entries that fit',
      value: Math.max(1, Math.floor((memoryBytes - quantum * BUCKET_BYTES) / entryBytes)),
      unit: 'entries',
      why: 'Memory budget / bytes of an entry, with room for rounding up the buckets. The kernel allocates the buckets at once and entries as they are created.',
    },
  ];
}

function maxStep(max: number): SizingStep {
  return { step: 'max', value: max, unit: 'entries', why: `The entries above. The kernel accepts at most ${MAX_LIMIT}.` };
}

function bucketsStep(buckets: number, quantum: number): SizingStep {
  return {
    step: 'buckets',
    value: buckets,
    unit: 'buckets',
    why:
      'As many as entries. Each entry is in the table twice, so the average chain of a full table has 2 entries, far below the limits of kernels since ' +
      `5.15. A bucket takes ${BUCKET_BYTES} bytes. ${quantum === 1 ? '' : `Rounded up to whole pages of ${quantum} buckets, as the kernel does. `}The kernel accepts at most ${BUCKETS_LIMIT}.`,
  };
}

function memorySteps({ memoryBytes, bucketsBytes }: Sizing, { objectBytes, memoryTotalBytes }: SizingHost): readonly SizingStep[] {
  const size =
    objectBytes === undefined ? `usually ${USUAL_OBJECT_BYTES} bytes; the real size cannot be read` : `${objectBytes} bytes, measured`;
  const share =
    memoryTotalBytes === undefined ? '' : ` ${((100 * memoryBytes.maximum) / memoryTotalBytes).toFixed(1)} % of the memory of this host.`;
  return [
    { step: 'memory of the buckets', value: bucketsBytes, unit: 'bytes', why: `Buckets × ${BUCKET_BYTES} bytes, allocated at once.` },
    {
      step: 'memory at full, least',
      value: memoryBytes.minimum,
      unit: 'bytes',
      why: `Entries without extensions (${size}), and the buckets.`,
    },
    {
      step: 'memory at full, most',
      value: memoryBytes.maximum,
      unit: 'bytes',
      why: `Entries with all extensions (${EXTENSIONS_MAX_BYTES} bytes more each), and the buckets.${share}`,
    },
  ];
}
