import { ProcessMemory } from '../../application/ports/process-memory.ts';
import { allowCompaction, collectGarbage } from './collect-garbage.ts';
import { expectedBytes } from './expected-use.ts';
import { KeptFiles } from './kept-files.ts';
import { freeBytes, memoryLimits, type MemoryLimit, tightest } from './memory-limits.ts';
import { COLLECT_BELOW_BYTES, MEBIBYTE, memoryRefusal, PLENTY_BYTES, REUSED_MILLISECONDS } from './require-memory.ts';

/** What reading all settings or a change takes, mostly as garbage. Dumps and threads reserve what they need besides. */
const REQUEST_BYTES = 6 * MEBIBYTE;
/** What a request has taken by then shows in the use of the process. What it has not, it probably does not need. */
const RESERVED_MILLISECONDS = 2_000;
/** Left for reverts, for responses to those that are refused, and for the garbage collector. */
const RESERVE_BYTES = { change: 5 * MEBIBYTE, read: 6 * MEBIBYTE };
/** Compaction copies up to 4 MiB before it frees them, in each thread that collects. */
const COMPACT_ABOVE_BYTES = 12 * MEBIBYTE;
/** Without a request for this long, a collection delays nobody. */
const QUIET_MILLISECONDS = 10_000;

/** Of all instances. */
const files = new KeptFiles();

/** Admits requests as far as the memory limits of the process permit. */
export class LimitedMemory extends ProcessMemory {
  private readonly measure: () => readonly MemoryLimit[];
  private readonly collect: () => boolean;
  private reservedBytes = 0;
  private limit: MemoryLimit | undefined;
  private measuredAt = Number.NEGATIVE_INFINITY;
  private admittedAt = performance.now();
  private isCollected = false;

  constructor(measure: () => readonly MemoryLimit[] = () => memoryLimits('/', files.text), collect: () => boolean = collectGarbage) {
    super();
    this.measure = measure;
    this.collect = collect;
  }

  admit(kind: 'read' | 'change'): () => void {
    this.admittedAt = performance.now();
    this.isCollected = false;
    this.refresh();
    const reserve = RESERVE_BYTES[kind] + this.reservedBytes + expectedBytes();
    if (this.limit && this.freeBytes < REQUEST_BYTES + reserve)
      throw memoryRefusal(`A ${kind}`, { bytes: REQUEST_BYTES, reserve, limit: this.limit, remedy: 'End other requests.' });
    return this.reserve();
  }

  /** Also, once after requests have ended, returns what they used to the system. */
  relieve(): void {
    this.refresh();
    if (this.isCollected || performance.now() - this.admittedAt < QUIET_MILLISECONDS) return;
    this.isCollected = true;
    this.collect();
  }

  private refresh(): void {
    if (performance.now() - this.measuredAt > REUSED_MILLISECONDS || this.freeBytes - this.reservedBytes < PLENTY_BYTES) this.update();
    if (this.freeBytes - this.reservedBytes < COLLECT_BELOW_BYTES && this.collect()) this.update();
  }

  private update(): void {
    this.limit = tightest(this.measure());
    this.measuredAt = performance.now();
    allowCompaction(this.freeBytes > COMPACT_ABOVE_BYTES);
  }

  private get freeBytes(): number {
    return this.limit ? freeBytes(this.limit) : Number.POSITIVE_INFINITY;
  }

  private reserve(): () => void {
    this.reservedBytes += REQUEST_BYTES;
    let isReserved = true;
    const release = (): void => {
      clearTimeout(timer);
      if (isReserved) this.reservedBytes -= REQUEST_BYTES;
      isReserved = false;
    };
    const timer = setTimeout(release, RESERVED_MILLISECONDS).unref();
    return release;
  }
}
