import {
  isModified,
  isSetting,
  type Links,
  NAMES,
  type ChangeStep,
  type Entry,
  type Expected,
  type Item,
  type Layout,
  type Name,
  type Pending,
  type Value,
  type Values,
  type Window,
} from './model-types.ts';

/** What changes do to a host, written from the rules in README.md and not from the product: no journal, no files, no locks. */

export class Model {
  readonly state = new Map<string, Value>();
  readonly pending = new Map<Name, Pending>();
  readonly windows = new Map<number, Window>();
  /** Lines of others in the shared file. */
  readonly foreign: string[] = [];
  private readonly entries: Entry[] = [];
  private readonly own: Map<Name, { readonly value: number; readonly boot: number }>;
  private readonly base: number;
  private readonly endings = new Map<number, Entry>();
  private boot: number;
  private now = 1_000;

  constructor(
    private readonly layout: Layout,
    private readonly defaults: Readonly<Record<Name, number>>,
    previous?: Model,
  ) {
    this.own = new Map(previous?.own);
    this.base = previous?.lastId ?? 0;
    this.boot = previous?.boot ?? 1;
    for (const name of NAMES) this.state.set(name, defaults[name]);
    for (const subject of layout === 'nf_conntrack' ? ['sysctl file', 'modules file'] : NAMES.map((name) => `line ${name}`))
      this.state.set(subject, null);
  }

  get lastId(): number {
    return this.base + this.entries.length;
  }

  get count(): number {
    return this.entries.length;
  }

  /** What the boot files ask for. */
  persisted(): Values {
    if (this.layout === 'nf_conntrack') {
      const token = this.state.get('sysctl file');
      return typeof token === 'string' ? (JSON.parse(token.slice(token.indexOf(' '))) as Values) : {};
    }
    return Object.fromEntries(
      NAMES.flatMap((name) => (this.state.get(`line ${name}`) === null ? [] : [[name, this.state.get(`line ${name}`)]])),
    );
  }

  awaiting(): readonly (readonly [id: number, names: readonly string[], superseded: readonly (readonly [string, number])[]])[] {
    return [...this.windows.values()]
      .map(({ entry, superseded }) => [entry.id, this.pendingUnder(entry.id).sort(), [...superseded].sort()] as const)
      .filter(([, names]) => names.length > 0);
  }

  change(step: ChangeStep): Expected {
    const names = Object.keys(step.settings) as Name[];
    const { window, supersedes } = step;
    if (window === null && names.some((name) => this.pending.has(name) && this.pending.get(name)?.by !== supersedes)) {
      return { code: 'AWAITING_CONFIRMATION' };
    }
    const extended = window === null ? undefined : this.repeated(step);
    if (extended && window !== null) {
      extended.deadline = this.now + window;
      return this.record('window-extended', new Map(), {});
    }
    const targets = new Map<string, Value>(Object.entries(step.settings));
    if (window === null && step.persist) for (const [subject, value] of this.persisting(step.settings)) targets.set(subject, value);
    return this.record('change', targets, { request: step });
  }

  confirm(id: number): Expected {
    const window = this.windows.get(id);
    if (!window || this.isDue(window) || this.pendingUnder(id).length === 0) return { code: 'NOT_AWAITING_CONFIRMATION' };
    const names = this.pendingUnder(id);
    const live = names.filter((name) => this.state.get(name) === this.pending.get(name)?.left);
    const values = Object.fromEntries(live.map((name) => [name, Number(this.state.get(name))])) as Values;
    for (const name of names) this.own.set(name, { value: this.pending.get(name)?.left ?? NaN, boot: window.entry.boot });
    const targets = window.request.persist ? this.persisting(values) : new Map<string, Value>();
    return { ...this.record('confirmation', targets, { confirms: id }), outcome: live.length < names.length ? 'diverged' : 'applied' };
  }

  rollBack(id: number, force: boolean): Expected {
    const named = this.entry(id);
    const target = named.confirms === null ? named : this.entry(named.confirms);
    const ending = this.endings.get(target.id);
    const unit = ending?.kind === 'confirmation' ? [target, ending] : [target];
    return this.undo('rollback', unit, force, { undoes: target.id });
  }

  rollBackTo(id: number, force: boolean): Expected {
    return this.undo('rollback-to', this.entries.slice(id - this.base), force, { to: id });
  }

  unpersist(name: Name): Expected {
    if (this.pending.has(name)) return { code: 'AWAITING_CONFIRMATION' };
    const rest = Object.fromEntries(Object.entries(this.persisted()).filter(([other]) => other !== name)) as Values;
    return this.record('change', this.filesHolding(rest), {});
  }

  /** The value of another program. */
  outsider(name: Name, value: number): void {
    this.state.set(name, value);
  }

  /** Another writer edits our line in the shared file. */
  edit(name: Name, value: number): void {
    this.state.set(`line ${name}`, value);
  }

  passTime(seconds: number): void {
    this.now += seconds;
  }

  /** @returns the outcomes of the reverts, in their order */
  revertDue(): readonly string[] {
    return [...this.windows.values()]
      .sort((a, b) => a.entry.id - b.entry.id)
      .filter((window) => this.isDue(window))
      .map(({ entry: { id, boot } }) => {
        const names = boot === this.boot ? this.pendingUnder(id).filter((name) => this.get(name).left !== this.get(name).confirmed) : [];
        const live = names.filter((name) => this.state.get(name) === this.get(name).left);
        this.record('auto-revert', new Map(live.map((name) => [name, this.get(name).confirmed])), { undoes: id });
        return live.length < names.length ? 'diverged' : 'applied';
      });
  }

  /** Live values are lost; the boot files set theirs. */
  reboot(): void {
    this.boot += 1;
    this.now = 10;
    for (const name of NAMES) this.state.set(name, this.persisted()[name] ?? this.defaults[name]);
  }

  /** Sets again what changes of the service set in an earlier boot. */
  applyAtStart(): Expected | undefined {
    const targets = NAMES.flatMap((name): (readonly [string, Value])[] => {
      const own = this.own.get(name);
      if (!own || own.boot === this.boot || own.value === this.state.get(name) || this.pending.get(name)?.boot === this.boot) return [];
      return [[name, own.value]];
    });
    return targets.length === 0 ? undefined : this.record('reapply', new Map(targets), {});
  }

  private undo(kind: string, undone: readonly Entry[], force: boolean, links: Links): Expected {
    const ids = new Set(undone.map(({ id }) => id));
    const items = this.netItems(undone);
    const settings = items.filter(({ subject }) => isSetting(subject));
    const files = items.filter(
      ({ subject, undo }) => !isSetting(subject) && (this.layout === 'nf_conntrack' || this.state.get(subject) !== undo),
    );
    if (settings.length + files.length === 0) return { code: 'NOTHING_TO_ROLL_BACK' };
    const pendingElsewhere = settings.some(
      ({ subject }) => isSetting(subject) && this.pending.has(subject) && !ids.has(this.get(subject).by),
    );
    const changed = items.some((item) => this.state.get(item.subject) !== item.after || this.standing(item, undone, ids));
    if (!force && pendingElsewhere) return { code: 'AWAITING_CONFIRMATION' };
    if (!force && changed) return { code: 'STATE_CHANGED' };
    return this.record(kind, new Map(items.map(({ subject, undo }) => [subject, undo])), links);
  }

  /** Per subject: what it was before the first of the changes, and what the last one left. */
  private netItems(entries: readonly Entry[]): readonly Item[] {
    const net = new Map<string, Item>();
    for (const item of entries.flatMap(({ items }) => items).filter(isModified)) {
      net.set(item.subject, { ...item, undo: net.has(item.subject) ? (net.get(item.subject)?.undo ?? null) : item.undo });
    }
    return [...net.values()].filter(({ undo, after }) => undo !== after);
  }

  /** A later change to the subject that was not itself rolled back, completely and in order. */
  private standing({ subject, after }: Item, undone: readonly Entry[], ids: ReadonlySet<number>): boolean {
    const last = Math.max(
      ...undone.filter(({ items }) => items.some((item) => item.subject === subject && isModified(item))).map(({ id }) => id),
    );
    const stack: { readonly entry: Entry; readonly value: Value }[] = [];
    const top = (): Value => stack.at(-1)?.value ?? after;
    for (const entry of this.entries.slice(last - this.base)) {
      const item = entry.items.find((candidate) => candidate.subject === subject);
      if (!item || !isModified(item) || ids.has(entry.id)) continue;
      if (entry.kind === 'reapply' && top() === item.after) continue;
      const undoes = ({ entry: { id, confirms } }: { readonly entry: Entry }): boolean =>
        (entry.undoes !== null && (entry.undoes === id || entry.undoes === confirms)) || (entry.to !== null && id > entry.to);
      const first = stack.findIndex(undoes);
      const base = first > 0 ? stack[first - 1]?.value : after;
      if (first >= 0 && stack.slice(first).every(undoes) && item.after === base) stack.splice(first);
      else stack.push({ entry, value: item.after });
    }
    return stack.length > 0;
  }

  private record(
    kind: string,
    targets: ReadonlyMap<string, Value>,
    links: Links,
  ): { id: number; kind: string; outcome: 'applied' | 'diverged' } {
    const { undoes = null, to = null, confirms = null, request } = links;
    const ends = (id: number): boolean => id === undoes || id === confirms || (to !== null && id > to);
    const items = [...targets].map(([subject, after]): Item => {
      const before = this.state.get(subject) ?? null;
      const pending = isSetting(subject) ? this.pending.get(subject) : undefined;
      const isTakenOver = pending !== undefined && pending.boot === this.boot && !ends(pending.by);
      return { subject, before, after, undo: isTakenOver ? pending.confirmed : before };
    });
    const entry: Entry = { id: this.lastId + 1, kind, boot: this.boot, items, undoes, to, confirms, ...(request && { request }) };
    this.entries.push(entry);
    for (const [id] of this.windows) {
      if (!ends(id)) continue;
      for (const name of this.pendingUnder(id)) this.pending.delete(name);
      this.windows.delete(id);
      this.endings.set(id, entry);
    }
    for (const item of items) this.take(item, entry);
    if (request && request.window !== null) {
      this.windows.set(entry.id, { entry, request, deadline: this.now + request.window, superseded: new Map() });
    }
    return { id: entry.id, kind, outcome: 'applied' };
  }

  private take({ subject, after, undo }: Item, { id, request }: Entry): void {
    this.state.set(subject, after);
    if (!isSetting(subject)) return;
    const pending = this.pending.get(subject);
    if (pending) this.windows.get(pending.by)?.superseded.set(subject, id);
    this.pending.delete(subject);
    const left = Number(after);
    if (request && request.window !== null) this.pending.set(subject, { by: id, confirmed: Number(undo), left, boot: this.boot });
    else this.own.set(subject, { value: left, boot: this.boot });
  }

  private repeated({ settings, persist }: ChangeStep): Window | undefined {
    const names = Object.keys(settings) as Name[];
    return [...this.windows.values()].find(
      (window) =>
        !this.isDue(window) &&
        window.request.persist === persist &&
        Object.keys(window.request.settings).length === names.length &&
        names.every(
          (name) =>
            window.request.settings[name] === settings[name] &&
            this.pending.get(name)?.by === window.entry.id &&
            this.state.get(name) === settings[name],
        ),
    );
  }

  private persisting(values: Values): Map<string, Value> {
    return this.filesHolding({ ...this.persisted(), ...values });
  }

  /** Only what changes. */
  private filesHolding(values: Values): Map<string, Value> {
    if (this.layout === 'ip_conntrack') {
      const lines = NAMES.map((name) => [`line ${name}`, values[name] ?? null] as const);
      return new Map(lines.filter(([subject, value]) => this.state.get(subject) !== value));
    }
    const textOf = (held: Values): string => JSON.stringify(Object.fromEntries(Object.entries(held).sort()));
    const [id, isEmpty] = [this.lastId + 1, Object.keys(values).length === 0];
    const files = new Map<string, Value>();
    if (textOf(values) !== textOf(this.persisted())) files.set('sysctl file', isEmpty ? null : `${id} ${textOf(values)}`);
    // A forced rollback may have restored one file only.
    if (isEmpty !== (this.state.get('modules file') === null)) files.set('modules file', isEmpty ? null : String(id));
    return files;
  }

  private isDue({ entry, deadline }: Window): boolean {
    return entry.boot !== this.boot || this.now >= deadline;
  }

  private pendingUnder(id: number): Name[] {
    return NAMES.filter((name) => this.pending.get(name)?.by === id);
  }

  private get(name: Name): Pending {
    const pending = this.pending.get(name);
    if (!pending) throw new Error(`${name} is not pending`);
    return pending;
  }

  private entry(id: number): Entry {
    const entry = this.entries[id - this.base - 1];
    if (!entry) throw new Error(`there is no change ${id}`);
    return entry;
  }
}
