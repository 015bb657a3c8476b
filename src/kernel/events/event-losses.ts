import type { EventActivity } from '../../domain/activity.ts';

type Losses = Pick<EventActivity, 'overruns' | 'droppedByKernel' | 'droppedForClients'>;

const [OVERRUNS, BY_KERNEL, FOR_CLIENTS] = [0, 1, 2];
const WORDS = 3;

/** What was lost of the kernel's events, counted by every thread that listens in memory they share: it outlives each of them. */
export class EventLosses {
  readonly memory: SharedArrayBuffer;
  private readonly words: BigUint64Array;

  constructor(memory = new SharedArrayBuffer(WORDS * BigUint64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.words = new BigUint64Array(memory);
  }

  /** @param dropped absent where the kernel does not say how many */
  addOverrun(dropped = 0): void {
    this.add(OVERRUNS, 1);
    this.add(BY_KERNEL, dropped);
  }

  addForClient(): void {
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
