import { changesLabels, LABEL_MAX, MARK_MAX, type EntryState, type EntryUpdate } from './entry-update.ts';

/** Timeouts are whole seconds, which the kernel, the record and the clock round. */
const TOLERATED_SECONDS = 2;

/** What an update altered in one entry, as far as it named it: bits of the mark, and labels. The timeout is not part of it. */
export interface Alteration {
  /** Restores the altered bits and labels, and no others. Empty if nothing was altered. */
  readonly undo: EntryUpdate;
  /** Sets them as the update left them. */
  readonly redo: EntryUpdate;
}

export function alterationOf(before: EntryState, after: EntryState, update: EntryUpdate): Alteration {
  const { mark, markMask = MARK_MAX } = update;
  const bits = mark === undefined ? 0 : (((before.mark ?? 0) ^ (after.mark ?? 0)) & markMask) >>> 0;
  const [was, is] = [before.labels ?? [], after.labels ?? []];
  const named = namedLabels(update);
  const removed = was.filter((label) => named.has(label) && !is.includes(label));
  const added = is.filter((label) => named.has(label) && !was.includes(label));
  return {
    undo: { ...maskedMark(before, bits), ...labelsUpdate(removed, added) },
    redo: { ...maskedMark(after, bits), ...labelsUpdate(added, removed) },
  };
}

/**
 * Whether the remaining timeout is the one that an entry with `seconds` has after this time: no packet has set it since.
 *
 * @param least and `most`: seconds; when exactly the kernel set and showed it is not known
 */
export function holdsTimeout({ timeoutSeconds }: EntryState, seconds: number | undefined, least: number, most = least): boolean {
  if (timeoutSeconds === undefined || seconds === undefined) return timeoutSeconds === seconds;
  return timeoutSeconds >= seconds - most - TOLERATED_SECONDS && timeoutSeconds <= seconds - least + TOLERATED_SECONDS;
}

function namedLabels(update: EntryUpdate): ReadonlySet<number> {
  if (!changesLabels(update)) return new Set();
  const { labels, addLabels = [], removeLabels = [] } = update;
  return new Set(labels ? Array.from({ length: LABEL_MAX + 1 }, (_, label) => label) : [...addLabels, ...removeLabels]);
}

function maskedMark({ mark = 0 }: EntryState, bits: number): EntryUpdate {
  return bits === 0 ? {} : { mark: (mark & bits) >>> 0, markMask: bits };
}

function labelsUpdate(addLabels: readonly number[], removeLabels: readonly number[]): EntryUpdate {
  return { ...(addLabels.length > 0 && { addLabels }), ...(removeLabels.length > 0 && { removeLabels }) };
}
