import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../domain/entry.ts';
import {
  changesLabels,
  foreseenRefusal,
  isInEffect,
  NO_LABELS,
  stateAfter,
  type EntryResult,
  type EntryTarget,
} from '../../domain/entry-update.ts';
import { COUNTERS, DUMP, SYSCTL } from '../demo-tree.ts';
import { demoEntryLine } from '../demo-entries.ts';
import { fillView } from '../entries/entry-to-view.ts';
import { EntryView } from '../entries/entry-view.ts';
import { toEntry } from '../entries/view-to-entry.ts';
import { parseEntryLine } from '../procfs/entry-line.ts';

/** Each flow has its own number: the generator repeats ports after this many. */
const NUMBERS = 30_000;
/** Share of the flows that end and are replaced in one step. */
const TURNOVER = 0.015;
/** Share of the difference to the wanted number of flows that a step makes up for. */
const PACE = 0.2;
const TIMEOUT = /^(\S+ +\d+ \S+ +\d+ )\d+/;

interface Flow {
  readonly line: string;
  readonly entry: Entry;
}

export type DemoListener = (kind: 'new' | 'destroy', view: EntryView) => void;

/** The flows of a simulated host, which begin and end. Writes them to the files of its kernel tree, which the service reads like those of a kernel. */
export class DemoTable {
  private readonly root: string;
  private readonly flows = new Map<string, Flow>();
  private readonly listeners = new Set<DemoListener>();
  private readonly view = new EntryView();
  private readonly counted: Record<string, number> = {};
  private next = 0;
  private draws = 1;
  private writing: Promise<void> = Promise.resolve();

  /** @param entries the flows of `generateDemoTree` with this number of entries */
  constructor(root: string, entries: number) {
    this.root = root;
    for (let count = 0; count < entries; count += 1) this.begin();
  }

  get count(): number {
    return this.flows.size;
  }

  find(id: string): Entry | undefined {
    return this.flows.get(id)?.entry;
  }

  /** @returns how to stop */
  listen(listener: DemoListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Some flows end and others begin, on the way to the wanted number, within the limit of the tree. A limit below the number of flows ends none, as in the kernel. */
  async step(wanted: number): Promise<void> {
    const max = Number(await readFile(this.place(`${SYSCTL}max`), 'utf8'));
    const limit = max === 0 ? Infinity : max;
    const ending = [...this.flows.keys()].filter(() => this.draw() < TURNOVER);
    for (const id of ending) this.end(id);
    const arriving = Math.max(0, Math.round(ending.length + (wanted - this.count - ending.length) * PACE));
    for (let count = 0; count < arriving && this.count < limit; count += 1) this.begin();
    if (wanted > limit) this.add('early_drop', Math.ceil((wanted - limit) * TURNOVER));
    this.add('invalid', this.draw() < 0.3 ? 1 : 0);
    await this.write();
  }

  /** @returns the entries that existed */
  async delete(ids: readonly string[]): Promise<readonly Entry[]> {
    const deleted = ids.flatMap((id) => this.end(id) ?? []);
    await this.write();
    return deleted;
  }

  /** Labels are refused, as on a host whose rules use none. */
  async update(targets: readonly EntryTarget[]): Promise<readonly EntryResult[]> {
    const results = targets.map((target) => this.updateOne(target));
    await this.write();
    return results;
  }

  private updateOne({ id, update }: EntryTarget): EntryResult {
    const flow = this.flows.get(id);
    if (!flow) return { result: 'gone' };
    const { entry: before } = flow;
    if (isInEffect(before, update)) return { result: 'unchanged', entry: before };
    const failure = foreseenRefusal(before, update) ?? (changesLabels(update) ? { errno: 'ENOSPC', message: NO_LABELS } : undefined);
    if (failure) return { result: 'refused', entry: before, failure };
    const { mark = 0, timeoutSeconds } = stateAfter(before, update);
    const marked = flow.line.replace(/ mark=\d+/, ` mark=${String(mark)}`);
    const line = timeoutSeconds === undefined ? marked : marked.replace(TIMEOUT, `$1${String(timeoutSeconds)}`);
    const entry = { ...before, mark, ...(timeoutSeconds !== undefined && { timeoutSeconds }) };
    this.flows.set(id, { line, entry });
    return { result: 'updated', entry };
  }

  private begin(): void {
    const number = this.next;
    this.next = (this.next + 1) % NUMBERS;
    const line = demoEntryLine(number);
    const parsed = parseEntryLine(line.trimEnd());
    if (!parsed) throw new Error(`Expected an entry, found ${line}`);
    fillView(parsed, this.view);
    const entry = toEntry(this.view);
    if (this.flows.has(entry.id)) return;
    this.flows.set(entry.id, { line, entry });
    for (const listener of this.listeners) listener('new', this.view);
  }

  private end(id: string): Entry | undefined {
    const flow = this.flows.get(id);
    if (!flow) return undefined;
    this.flows.delete(id);
    if (this.listeners.size > 0) fillView(flow.entry, this.view);
    for (const listener of this.listeners) listener('destroy', this.view);
    return flow.entry;
  }

  /** One write at a time, each of the newest flows. A reader sees a file whole. */
  private write(): Promise<void> {
    this.writing = this.writing.then(async () => {
      const text = Array.from(this.flows.values(), ({ line }) => line).join('');
      await this.replace(DUMP, text);
      await writeFile(this.place(`${SYSCTL}count`), `${String(this.count)}\n`);
      await this.replace('/proc/net/stat/nf_conntrack', this.counters());
    });
    return this.writing;
  }

  private async replace(path: string, text: string): Promise<void> {
    const place = this.place(path);
    await writeFile(`${place}.new`, text);
    await rename(`${place}.new`, place);
  }

  private counters(): string {
    const [header = '', first = '', ...rest] = COUNTERS;
    const names = header.split(/\s+/);
    const words = first.split(/\s+/).map((word, index) => {
      const added = this.counted[names[index] ?? ''] ?? 0;
      return (Number.parseInt(word, 16) + added).toString(16).padStart(8, '0');
    });
    return `${[header, words.join(' '), ...rest].join('\n')}\n`;
  }

  private add(counter: string, events: number): void {
    this.counted[counter] = (this.counted[counter] ?? 0) + events;
  }

  private place(path: string): string {
    return join(this.root, path);
  }

  /** 0 to 1; the same sequence in each run. */
  private draw(): number {
    this.draws = (Math.imul(this.draws, 1_664_525) + 1_013_904_223) >>> 0;
    return this.draws / 2 ** 32;
  }
}
