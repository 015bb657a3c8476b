import type { Entry } from '../../domain/entry.ts';
import {
  changesLabels,
  foreseenRefusal,
  hasMarkAndLabels,
  isInEffect,
  type EntryResult,
  type EntryTarget,
  type EntryUpdate,
  NO_LABELS,
} from '../../domain/entry-update.ts';
import { parseEntryId, type EntryKey } from '../entries/entry-id.ts';
import { EntryView } from '../entries/entry-view.ts';
import { toEntry } from '../entries/view-to-entry.ts';
import { systemFailureOf } from '../system-failure.ts';
import { decodeEntry } from './decode.ts';
import { EntryExchange } from './entry-exchange.ts';
import { getRequest, updateRequest } from './requests.ts';

/** Few enough that an entry is updated within milliseconds after it was compared. */
const BATCH = 128;
/** Errors of an entry that ended meanwhile. */
const ENDED: readonly string[] = ['ENOENT', 'ETIME'];

/** An entry to update, and what is known about it so far. */
interface Item {
  readonly target: EntryTarget;
  readonly key: EntryKey;
  entry?: Entry;
  failure?: EntryResult['failure'];
  isWritten: boolean;
}

/**
 * Updates entries by their tuples. The kernel compares only the tuple, so each entry is read just before it is updated, and again afterwards: an entry
 * of another flow with the same tuple has another id or start time. Labels are written first, because only they can be refused for a reason
 * that cannot be read before; an entry whose labels are refused keeps its mark and its timeout. Blocks: use it in worker threads only.
 */
export class EntryUpdater {
  private readonly exchange = new EntryExchange();
  private readonly view = new EntryView();

  /** In the order of `targets`. @throws NetlinkError if the kernel does not reply; RangeError for an id that is not an entry id */
  run(targets: readonly EntryTarget[]): readonly EntryResult[] {
    const results: EntryResult[] = [];
    for (let at = 0; at < targets.length; at += BATCH) results.push(...this.runBatch(targets.slice(at, at + BATCH)));
    return results;
  }

  close(): void {
    this.exchange.close();
  }

  private runBatch(targets: readonly EntryTarget[]): readonly EntryResult[] {
    const items = targets.map((target): Item => ({ target, key: keyIn(target.id), isWritten: false }));
    this.read(items);
    const wanted = items.filter((item) => {
      const { target, entry } = item;
      if (!entry || isInEffect(entry, target.update)) return false;
      const failure = foreseenRefusal(entry, target.update);
      if (failure) item.failure = failure;
      return !failure;
    });
    this.write(wanted, labelsOf);
    this.write(wanted, othersOf);
    this.read(items.filter(({ isWritten }) => isWritten));
    return items.map(toResult);
  }

  private read(items: readonly Item[]): void {
    const { exchange, view } = this;
    for (const item of items) delete item.entry;
    exchange.run(
      items,
      ({ key }, sequence) => getRequest(key, sequence),
      (item, error, at, end) => {
        if (error !== undefined) {
          if (error !== 0) fail(item, error);
          return;
        }
        decodeEntry(exchange.replies, at, end, view);
        const entry = toEntry(view);
        if (entry.id === item.target.id && entry.startedAt === item.target.startedAt) item.entry = entry;
      },
    );
  }

  private write(items: readonly Item[], partOf: (update: EntryUpdate) => EntryUpdate): void {
    const writes = items.filter(({ entry, failure, target }) => entry && !failure && Object.keys(partOf(target.update)).length > 0);
    for (const item of writes) item.isWritten = true;
    this.exchange.run(
      writes,
      ({ key, target }, sequence) => updateRequest(key, partOf(target.update), sequence),
      (item, error) => {
        if (error !== undefined && error !== 0) fail(item, error);
      },
    );
  }
}

function keyIn(id: string): EntryKey {
  const key = parseEntryId(id);
  if (!key) throw new RangeError(`${id} is not an entry id.`);
  return key;
}

function labelsOf({ labels, addLabels, removeLabels }: EntryUpdate): EntryUpdate {
  return { ...(labels && { labels }), ...(addLabels && { addLabels }), ...(removeLabels && { removeLabels }) };
}

function othersOf({ mark, markMask, timeoutSeconds }: EntryUpdate): EntryUpdate {
  return {
    ...(mark !== undefined && { mark }),
    ...(markMask !== undefined && { markMask }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

function fail(item: Item, error: number): void {
  const { code, message } = systemFailureOf(-error);
  if (ENDED.includes(code)) delete item.entry;
  else item.failure = { errno: code, message: code === 'ENOSPC' && changesLabels(item.target.update) ? NO_LABELS : message };
}

function toResult({ target, entry, failure, isWritten }: Item): EntryResult {
  if (!entry) return failure ? { result: 'refused', failure } : { result: 'gone' };
  if (failure) return { result: 'refused', entry, failure };
  if (!isWritten) return { result: 'unchanged', entry };
  if (hasMarkAndLabels(entry, target.update)) return { result: 'updated', entry };
  const message =
    'the kernel accepted the update, and the entry has other values: this kernel ignores it, or a rule or program wrote it again';
  return { result: 'not-effective', entry, failure: { message } };
}
