import type { EventActivity } from '../../domain/activity.ts';

type Losses = Pick<EventActivity, 'overruns' | 'droppedByKernel' | 'droppedForClients'>;

const [OVERRUNS, BY_KERNEL, FOR_CLIENTS] = [0, 1, 2];
const WORDS = 3;

/** Counts lost events. All event workers count in the same shared memory, which outlives each of them. */
export class EventLosses {
  readonly memory: SharedArrayBuffer;
  private readonly words: BigUint64Array;

  constructor(memory = new SharedArrayBuffer(WORDS * BigUint64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.words = new BigUint64Array(memory);
  }

  /** @param dropped absent if the kernel does not report the number */
  addOverrun(dropped = 0): void {
    this.add(OVERRUNS, 1);
    this.add(BY_KERNEL, dropped);
  }

  addDroppedForClient(): void {
    this.add(FOR_CLIENTS, 1);
  }

  read(): Losses {
    return { overruns: this.at(OVERRUNS), droppedByKernel: this.at(BY_KERNEL), droppedForClients: this.at(FOR_CLIENTS) };
  }

  private add(word: number, events: number): void {
    Atomics.add(this.words, word, BigInt(events));
  }

  private at(word: number): number {
    return Number(Atomics.load(this.words, word));
  }
}
