import { KernelEntries, type EntriesToDelete, type EntryScope } from '../../src/application/ports/kernel.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import type { Deletion } from '../../src/domain/deletion.ts';
import { hasMarkAndLabels, stateAfter, type EntryResult, type EntryTarget } from '../../src/domain/entry-update.ts';
import type { DumpSummary, Entry, EntryPage } from '../../src/domain/entry.ts';
import type { Filter } from '../../src/domain/filter/filter.ts';
import { fillView } from '../../src/kernel/entries/entry-to-view.ts';
import { EntryView } from '../../src/kernel/entries/entry-view.ts';
import { compileFilter } from '../../src/kernel/entries/matcher.ts';

/** A table in memory with the port's contract, and a hook to fail as a real kernel can. */
export class FakeEntries extends KernelEntries {
  table: readonly Entry[] = [];
  source = 'ctnetlink';
  outcome: DumpSummary['outcome'] = 'complete';
  /** The requested namespaces. */
  readonly scopes: EntryScope[] = [];
  tamper: (work: () => Deletion) => Deletion = (work) => work();
  tamperUpdate: (work: () => readonly EntryResult[]) => readonly EntryResult[] = (work) => work();

  override page(filter: Filter, limit: number, _after?: string, scope?: EntryScope): Promise<EntryPage> {
    const found = this.matching(filter, scope);
    return Promise.resolve({ entries: found.slice(0, limit), summary: this.summary(Math.min(limit, found.length)) });
  }

  override count(filter: Filter, scope?: EntryScope): Promise<DumpSummary> {
    return Promise.resolve(this.summary(this.matching(filter, scope).length));
  }

  override async find(id: string, scope: EntryScope = {}, startedAt?: string): Promise<Entry> {
    this.scopes.push(scope);
    const [tuple] = id.split('-');
    const found = this.table.find((entry) => entry.id.split('-')[0] === tuple);
    if (!found) throw new ConntrackError('ENTRY_NOT_FOUND', 'It is gone.');
    if (found.id !== id) throw new ConntrackError('ENTRY_REPLACED', 'Another has its tuple.');
    if (startedAt !== undefined && found.startedAt !== startedAt) throw new ConntrackError('ENTRY_REPLACED', 'Another has its id.');
    return Promise.resolve(found);
  }

  override async delete(what: EntriesToDelete, keep: number, scope?: EntryScope): Promise<Deletion> {
    const selected =
      what.kind === 'entry' ? [await this.find(what.id, scope, what.startedAt)] : this.matching(what.filter, scope).slice(0, what.limit);
    return this.tamper(() => {
      this.table = this.table.filter((entry) => !selected.includes(entry));
      return { deleted: selected.length, gone: 0, entries: selected.slice(0, keep) };
    });
  }

  override async update(targets: readonly EntryTarget[], scope: EntryScope = {}): Promise<readonly EntryResult[]> {
    this.scopes.push(scope);
    return Promise.resolve(this.tamperUpdate(() => targets.map((target) => this.updateOne(target))));
  }

  override activity(): never {
    throw new Error('not used in these tests');
  }

  override stream(): never {
    throw new Error('not used in these tests');
  }

  override summarise(): never {
    throw new Error('not used in these tests');
  }

  private updateOne({ id, startedAt, update }: EntryTarget): EntryResult {
    const found = this.table.find((entry) => entry.id === id && entry.startedAt === startedAt);
    if (!found) return { result: 'gone' };
    if (update.timeoutSeconds === undefined && hasMarkAndLabels(found, update)) return { result: 'unchanged', entry: found };
    const { labels = [], ...state } = { ...found, ...stateAfter(found, update) };
    // As from the kernel, an entry without labels has no such field.
    const entry = labels.length > 0 ? { ...state, labels } : state;
    this.table = this.table.map((each) => (each === found ? entry : each));
    return { result: 'updated', entry };
  }

  private matching(filter: Filter, scope: EntryScope = {}): readonly Entry[] {
    this.scopes.push(scope);
    const matches = compileFilter(filter, () => 0);
    const view = new EntryView();
    return this.table.filter((entry) => {
      fillView(entry, view);
      return matches(view);
    });
  }

  private summary(entries: number): DumpSummary {
    const { outcome, source } = this;
    return { outcome, entries, scanned: this.table.length, unparsed: 0, source, filteredByKernel: false };
  }
}
