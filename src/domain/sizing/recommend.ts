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

/** Room above what is expected: it keeps the table below 67 %, and the first warning comes at 80 %. */
export const HEADROOM_DEFAULT = 1.5;
/** Bucket heads in a page of 4 KiB: the kernel rounds buckets up to whole pages. */
const USUAL_QUANTUM = 512;
const MAX_LIMIT = 2_147_483_647;
const BUCKETS_LIMIT = 268_435_455;

export interface Recommendation extends Sizing {
  readonly steps: readonly SizingStep[];
}

/** Max for the target, and as many buckets as entries. Each step names what it rests on. */
export function recommend(target: SizingTarget, host: SizingHost, headroom: number): Recommendation {
  const { bucketQuantum = host.layout === 'ip_conntrack' ? 1 : USUAL_QUANTUM } = host;
  const needed = target.basis === 'memory' ? fitting(target.memoryBytes, host, bucketQuantum) : withHeadroom(target, headroom);
  const [wanted] = needed.slice(-1);
  const max = Math.min(Math.max(1, wanted?.value ?? 0), MAX_LIMIT);
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
      why: `Bursts, scans and retries come on top; at the expected load the table is ${Math.round(100 / headroom)} % full.`,
    },
    { step: 'entries with headroom', value: entries, unit: 'entries', why: 'Expected entries x headroom.' },
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
          why: 'As asked for: one entry for each tracked flow, in whatever direction.',
        },
      ];
    case 'rate': {
      const { newPerSecond, lifetimeSeconds } = target;
      return [
        { step: 'new flows', value: newPerSecond, unit: 'entries per second', why: 'As asked for.' },
        {
          step: 'lifetime',
          value: lifetimeSeconds,
          unit: 'seconds',
          why: 'As asked for: how long an entry stays, the timeout after its last packet included.',
        },
        {
          step: 'expected entries',
          value: Math.ceil(newPerSecond * lifetimeSeconds),
          unit: 'entries',
          why: 'Little’s law: entries in the table = arrivals per second x lifetime.',
        },
      ];
    }
    case 'peak':
      return [
        {
          step: 'expected entries',
          value: target.peak,
          unit: 'entries',
          why: `The most ever seen at a sample, at ${target.at.toISOString()}. What came between two samples is not in it.`,
        },
      ];
  }
}

/** The most entries whose objects, extensions and buckets fit; no headroom, for it is a limit and not an expectation. */
function fitting(memoryBytes: number, host: SizingHost, quantum: number): readonly SizingStep[] {
  const { objectBytes = USUAL_OBJECT_BYTES } = host;
  const entryBytes = objectBytes + EXTENSIONS_MAX_BYTES + BUCKET_BYTES;
  const measured = host.objectBytes === undefined ? 'usual (the real one cannot be read)' : 'measured';
  return [
    { step: 'memory budget', value: memoryBytes, unit: 'bytes', why: 'As asked for.' },
    {
      step: 'bytes of an entry',
      value: entryBytes,
      unit: 'bytes',
      why: `${objectBytes} of the object, ${measured}, ${EXTENSIONS_MAX_BYTES} for all its extensions at most, ${BUCKET_BYTES} for a bucket of its own.`,
    },
    {
      step: 'entries that fit',
      value: Math.max(1, Math.floor((memoryBytes - quantum * BUCKET_BYTES) / entryBytes)),
      unit: 'entries',
      why: 'Memory budget / bytes of an entry, with room for buckets that are rounded up. The kernel takes memory as entries come: only the buckets are taken at once.',
    },
  ];
}

function maxStep(max: number): SizingStep {
  return { step: 'max', value: max, unit: 'entries', why: `The entries above; ${MAX_LIMIT} is the most that the kernel takes.` };
}

function bucketsStep(buckets: number, quantum: number): SizingStep {
  return {
    step: 'buckets',
    value: buckets,
    unit: 'buckets',
    why:
      'As many as entries: each entry is in the table twice, so chains of a full table have 2 on average, which the limits that kernels since ' +
      `5.15 set to chains hardly ever meet. They cost ${BUCKET_BYTES} bytes each. ${quantum === 1 ? '' : `Rounded up to whole pages of ${quantum}, as the kernel does. `}The kernel takes ${BUCKETS_LIMIT} at most.`,
  };
}

function memorySteps({ memoryBytes, bucketsBytes }: Sizing, { objectBytes, memoryTotalBytes }: SizingHost): readonly SizingStep[] {
  const size =
    objectBytes === undefined ? `${USUAL_OBJECT_BYTES} bytes are usual; the real size cannot be read` : `${objectBytes} bytes, measured`;
  const share =
    memoryTotalBytes === undefined ? '' : ` ${((100 * memoryBytes.maximum) / memoryTotalBytes).toFixed(1)} % of the memory of this host.`;
  return [
    { step: 'memory of the buckets', value: bucketsBytes, unit: 'bytes', why: `Buckets x ${BUCKET_BYTES}, taken at once.` },
    {
      step: 'memory at full, least',
      value: memoryBytes.minimum,
      unit: 'bytes',
      why: `With entries that carry no extension (${size}), and the buckets.`,
    },
    {
      step: 'memory at full, most',
      value: memoryBytes.maximum,
      unit: 'bytes',
      why: `With entries that carry all extensions (${EXTENSIONS_MAX_BYTES} bytes more each), and the buckets.${share}`,
    },
  ];
}
