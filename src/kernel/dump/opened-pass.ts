import type { DumpSummary } from '../../domain/entry.ts';
import { readingFailed } from './dump-errors.ts';
import type { DumpPass, PassEnd } from './dump-pass.ts';

/** A pass whose parts are all open. */
export interface OpenedPass {
  readonly pass: DumpPass;
  readonly parts: number;
  readonly source: string;
  /** Whether the kernel was asked to leave out entries that cannot match. */
  readonly isPrefiltered: boolean;
}

/**
 * Waits for the end of a pass that sends no chunks.
 *
 * @param mayFail whether the results of a failed pass count
 * @throws ConntrackError `KERNEL_UNREADABLE` if reading failed, unless `mayFail`
 */
export async function untilEnd({ pass, source }: OpenedPass, mayFail = false): Promise<PassEnd> {
  await pass.take();
  const end = pass.end();
  if (end.reason !== undefined && !mayFail) throw readingFailed(source, end.reason);
  return end;
}

export function summaryOf(end: PassEnd, { source, parts, isPrefiltered }: Omit<OpenedPass, 'pass'>): DumpSummary {
  const { tally, isFilteredByKernel } = end;
  // A kernel that ignores the filter of the parts (before 5.15) returns the whole table to each.
  const deviation = isPrefiltered ? undefined : deviationOf(end, isFilteredByKernel ? 1 : parts);
  const outcome = deviation === undefined ? end.outcome : 'resized';
  const reason = end.reason ?? deviation;
  return { outcome, ...tally, source, filteredByKernel: isFilteredByKernel && isPrefiltered, ...(reason !== undefined && { reason }) };
}

/** Entries that begin or end during the dump, and those that the kernel counts and does not list. */
const TOLERATED_SHARE = 0.05;
const TOLERATED = 100;

/** A whole pass that read many more or fewer entries than the kernel counted: the table was resized unnoticed. */
function deviationOf({ outcome, tally, counts }: PassEnd, times: number): string | undefined {
  if (!counts || (outcome !== 'complete' && outcome !== 'lossy')) return undefined;
  const read = (tally.scanned + tally.unparsed) / times;
  const { fewest, most } = counts;
  const tolerated = (count: number): number => Math.max(TOLERATED, count * TOLERATED_SHARE);
  if (read >= fewest - tolerated(fewest) && read <= most + tolerated(most)) return undefined;
  return `the kernel counted ${fewest === most ? String(most) : `${String(fewest)} to ${String(most)}`} entries, and the dump has ${String(read)}`;
}
