import type { DumpSummary } from '../../domain/entry.ts';
import { brokenOff } from './dump-errors.ts';
import type { DumpPass, PassEnd } from './dump-pass.ts';

/** A pass that has begun. */
export interface Begun {
  readonly pass: DumpPass;
  readonly parts: number;
  readonly source: string;
  /** Whether the kernel was asked to leave out entries that cannot match. */
  readonly isPrefiltered: boolean;
}

/** A pass that has no chunks to be taken. @throws ConntrackError `KERNEL_UNREADABLE` where it broke off, unless it may */
export async function untilEnd({ pass, source }: Begun, mayBreakOff = false): Promise<PassEnd> {
  await pass.take();
  const end = pass.end();
  if (end.reason !== undefined && !mayBreakOff) throw brokenOff(source, end.reason);
  return end;
}

export function summaryOf({ outcome, tally, isFilteredByKernel, reason }: PassEnd, { source, isPrefiltered }: Begun): DumpSummary {
  return { outcome, ...tally, source, filteredByKernel: isFilteredByKernel && isPrefiltered, ...(reason !== undefined && { reason }) };
}
