import type { DumpMessage, DumpResult, Tally } from '../../../../src/kernel/dump/dump-job.ts';
import type { CountedPart } from '../../../../src/kernel/entries/summary/summary-builder.ts';
import { DumpPass } from '../../../../src/kernel/dump/dump-pass.ts';

/** The parts of a pass, whose messages the test sends in place of workers. */
export interface Parts {
  readonly pass: DumpPass;
  readonly given: readonly ArrayBuffer[][];
  readonly stopped: readonly boolean[];
  /** What the first part received of the others. */
  readonly counted: readonly CountedPart[];
  readonly send: (part: number, message: DumpMessage) => void;
}

/** @param isMerged whether the first part waits for the others */
export function passOf(parts: number, isMerged = false): Parts {
  const counted: CountedPart[] = [];
  const given = Array.from({ length: parts }, (): ArrayBuffer[] => []);
  const stopped = Array.from({ length: parts }, () => false);
  let send: Parts['send'] = () => undefined;
  const pass = new DumpPass(parts, (onMessage) => {
    send = onMessage;
    return given.map((buffers, part) => ({
      give: (buffer) => {
        buffers.push(buffer);
      },
      stop: () => {
        stopped[part] = true;
      },
      ...(isMerged &&
        part === 0 && {
          addPart: (other) => {
            counted.push(other);
          },
        }),
    }));
  });
  return { pass, given, stopped, counted, send };
}

export const OPENED: DumpMessage = { kind: 'opened' };

export function tally(entries: number, scanned = entries, unparsed = 0): Tally {
  return { entries, scanned, unparsed };
}

/** A chunk with this text. `entries`: how many entries its part has sent, including this chunk. */
export function chunk(text: string, entries: number): DumpMessage & { readonly kind: 'chunk' } {
  const buffer = new ArrayBuffer(64);
  new Uint8Array(buffer).set(Buffer.from(text));
  return { kind: 'chunk', buffer, length: text.length, tally: tally(entries) };
}

export function end(entries: Tally, rest: Partial<DumpMessage & { readonly kind: 'end' }> = {}, result: DumpResult = {}): DumpMessage {
  return { kind: 'end', outcome: 'complete', tally: entries, isFilteredByKernel: false, result, ...rest };
}
