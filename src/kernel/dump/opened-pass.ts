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

export function summaryOf({ outcome, tally, isFilteredByKernel, reason }: PassEnd, { source, isPrefiltered }: OpenedPass): DumpSummary {
  return { outcome, ...tally, source, filteredByKernel: isFilteredByKernel && isPrefiltered, ...(reason !== undefined && { reason }) };
}
