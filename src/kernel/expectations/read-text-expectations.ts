import { closeSync, openSync, readSync } from 'node:fs';
import type { Expectation } from '../../domain/expectation.ts';
import { readLines } from '../procfs/dump-lines.ts';
import { EXPECTING, parseExpectationLine } from './expectation-line.ts';

/**
 * Reads the expectations from a text file, one after the other.
 *
 * @param isBehindEntries whether the file holds entries, too (Linux 2.4)
 * @returns how many could not be parsed
 * @throws an error of `node:fs`
 */
export function readTextExpectations(path: string, isBehindEntries: boolean, take: (expectation: Expectation) => void): number {
  const file = openSync(path, 'r');
  let unparsed = 0;
  try {
    for (const line of readLines((buffer, offset, length) => readSync(file, buffer, offset, length, null))) {
      if (isBehindEntries && line?.startsWith(EXPECTING) !== true) continue;
      const expectation = line === undefined ? undefined : parseExpectationLine(line);
      if (expectation) take(expectation);
      else unparsed += 1;
    }
    return unparsed;
  } finally {
    closeSync(file);
  }
}
