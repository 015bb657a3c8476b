import './synchronous-files.ts';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import type { ClosedChange } from '../../src/domain/change.ts';
import { ConntrackError } from '../../src/domain/conntrack-error.ts';
import { RISK_CODES } from '../../src/domain/risks/risk.ts';

import { CALLER, openApp, type App } from '../support/app.ts';
import { Model } from './change-model.ts';
import type { Step } from './model-steps.ts';
import { NAMES, type ChangeStep, type Expected, type Layout, type Name } from './model-types.ts';

const TERMS = { ...PLAIN_TERMS, acknowledge: RISK_CODES };
/** Durability is tested elsewhere; here an fsync only costs time. */
if (existsSync('/dev/shm')) process.env['TMPDIR'] = '/dev/shm';
const BOOT_ID = 'proc/sys/kernel/random/boot_id';

/** A host, the product on it, and the model of both. */
export class Stage {
  private lastRequest: ChangeStep | undefined;
  private readonly bytes = new Map<string, string | null>();
  private readonly directory: string;
  private boots = 1;

  private constructor(
    private app: App,
    private readonly layout: Layout,
    private model: Model,
    private readonly defaults: Readonly<Record<Name, number>>,
  ) {
    this.directory = directoryOf(layout);
  }

  static async open(layout: Layout): Promise<Stage> {
    const app = await openApp(layout);
    removeOtherSettings(app, layout);
    const defaults = Object.fromEntries(
      await Promise.all(NAMES.map(async (each) => [each, Number(await app.tree.read(`${directoryOf(layout)}_${each}`))] as const)),
    ) as Record<Name, number>;
    return new Stage(app, layout, new Model(layout, defaults), defaults);
  }

  async close(): Promise<void> {
    await this.app.close();
  }

  /** Starts over: the defaults, no boot files and no open window. The journal goes on. */
  async reset(): Promise<void> {
    this.model.passTime(1_000);
    this.app.clock.sinceBoot += 1_000_000;
    await this.revert();
    for (const each of NAMES) await this.app.tree.write(`${this.directory}_${each}`, `${this.defaults[each]}\n`);
    for (const [, path] of OWN_FILES) await rm(join(this.app.tree.root, path), { force: true });
    if (this.layout === 'ip_conntrack') await this.app.tree.write('etc/sysctl.conf', SYSCTL_CONF);
    this.model = new Model(this.layout, this.defaults, this.model);
    this.lastRequest = undefined;
  }

  async play(next: Step): Promise<void> {
    await this.perform(next);
    await this.compare();
  }

  async end(): Promise<void> {
    expect(this.app.journal.pending()).toEqual([]);
    expect((await this.app.journal.verify()).broken).toBeUndefined();
  }

  private async perform(next: Step): Promise<void> {
    const { app, model } = this;
    switch (next.kind) {
      case 'change':
        await this.change({ ...next, supersedes: next.window === null && next.supersedes !== null ? this.idOf(next.supersedes) : null });
        return;
      case 'repeat':
        if (this.lastRequest) await this.change({ ...this.lastRequest, window: next.window, supersedes: null });
        return;
      case 'outsider':
        await app.tree.write(`${this.directory}_${next.name}`, `${next.value}\n`);
        model.outsider(next.name, next.value);
        return;
      case 'edit':
        await this.edit(next.name, next.value);
        return;
      case 'add line':
        await this.addLine(`net.core.somaxconn_${next.number} = ${next.number}`);
        return;
      case 'confirm': {
        const id = this.idOf(next.of);
        if (id > 0) await this.attempt(model.confirm(id), app.confirm.run(CALLER, id, null));
        return;
      }
      case 'rollback':
      case 'rollback-to':
        await this.rollBack(next.kind === 'rollback' ? 'change' : 'to', this.idOf(next.of), next.force);
        return;
      case 'unpersist':
        // On the legacy layout it restores the lines from before the first change; persisting.test.ts covers that.
        if (this.layout === 'nf_conntrack')
          await this.attempt(model.unpersist(next.name), app.unpersist.run(CALLER, { names: [next.name], reason: null }, TERMS));
        return;
      case 'time':
        model.passTime(next.seconds);
        app.clock.sinceBoot += next.seconds * 1_000;
        if (next.isNoticed) await this.revert();
        return;
      case 'restart':
      case 'reboot':
        await this.restart(next.kind === 'reboot', next.apply);
    }
  }

  private async change(request: ChangeStep): Promise<void> {
    this.lastRequest = request;
    const { settings: wanted, persist, window: confirmWithinSeconds, supersedes } = request;
    const terms = { ...TERMS, confirmWithinSeconds, ...(supersedes !== null && { supersedes }) };
    const body = { settings: wanted as Record<string, number>, persist, reason: null };
    const isPreviewed = this.model.lastId % 4 === 0;
    const preview = isPreviewed ? await errorOf(this.app.change.preview(body, terms)) : undefined;
    const expected = this.model.change(request);
    if (isPreviewed) expect(preview).toBe('code' in expected ? expected.code : undefined);
    await this.attempt(expected, this.app.change.run(CALLER, body, terms));
  }

  private async rollBack(what: 'change' | 'to', id: number, force: boolean): Promise<void> {
    if (id === 0) return;
    const expected = what === 'change' ? this.model.rollBack(id, force) : this.model.rollBackTo(id, force);
    await this.attempt(expected, this.app.rollBack.run(CALLER, { what, id, force, reason: null }, TERMS));
  }

  private async attempt(expected: Expected, attempt: Promise<ClosedChange>): Promise<void> {
    expect(await resultOf(attempt)).toEqual(expected);
  }

  private async revert(): Promise<void> {
    const before = this.model.lastId;
    const outcomes = this.model.revertDue();
    await this.app.revert.run();
    expect(this.app.journal.after(before).map(({ kind, outcome }) => [kind, outcome])).toEqual(
      outcomes.map((outcome) => ['auto-revert', outcome]),
    );
  }

  private async restart(isReboot: boolean, apply: boolean): Promise<void> {
    if (isReboot) {
      this.model.reboot();
      this.boots += 1;
      await this.app.tree.write(BOOT_ID, `00000000-0000-4000-8000-${String(this.boots).padStart(12, '0')}\n`);
      for (const each of NAMES) await this.app.tree.write(`${this.directory}_${each}`, `${String(this.model.state.get(each))}\n`);
      this.app.clock.sinceBoot = 10_000;
    }
    this.app = await this.app.restart();
    await this.revert();
    if (!apply) return;
    const expected = this.model.applyAtStart();
    const change = await this.app.applyAtStart.run();
    expect(change && { id: change.id, kind: change.kind, outcome: change.outcome }).toEqual(expected);
  }

  /** Another writer changes our line in the shared file. */
  private async edit(setting: Name, to: number): Promise<void> {
    if (this.layout === 'nf_conntrack' || this.model.state.get(`line ${setting}`) === null) return;
    const path = join(this.app.tree.root, 'etc/sysctl.conf');
    const text = await readFile(path, 'latin1');
    await writeFile(path, text.replace(new RegExp(`(ip_conntrack_${setting} = )\\d+`), `$1${to}`), 'latin1');
    this.model.edit(setting, to);
  }

  private async addLine(line: string): Promise<void> {
    if (this.layout === 'nf_conntrack' || this.model.foreign.includes(line)) return;
    const path = join(this.app.tree.root, 'etc/sysctl.conf');
    await writeFile(path, `${(await readFile(path, 'latin1')).replace(/\n?$/, '\n')}${line}\n`, 'latin1');
    this.model.foreign.push(line);
  }

  private async compare(): Promise<void> {
    const live = await Promise.all(NAMES.map(async (each) => [each, Number(await this.app.tree.read(`${this.directory}_${each}`))]));
    expect(Object.fromEntries(live)).toEqual(Object.fromEntries(NAMES.map((each) => [each, this.model.state.get(each)])));
    const persisted = await this.app.bootFiles.persisted(this.layout);
    expect(Object.fromEntries(Object.entries(persisted).filter(([each]) => NAMES.some((known) => known === each)))).toEqual(
      this.model.persisted(),
    );
    const awaiting = this.app.confirmations
      .awaiting()
      .map(({ change, pending, superseded }) => [change.id, [...pending].sort(), [...superseded].sort()]);
    expect(awaiting).toEqual(this.model.awaiting());
    await (this.layout === 'nf_conntrack' ? this.compareBytes() : this.compareForeign());
  }

  /** A file that is restored has the bytes that it had. */
  private async compareBytes(): Promise<void> {
    for (const [subject, path] of OWN_FILES) {
      const key = `${subject} ${String(this.model.state.get(subject))}`;
      const text = await this.app.tree.read(path).catch(() => null);
      expect(text).toBe(this.bytes.has(key) ? this.bytes.get(key) : text);
      expect(text === null).toBe(this.model.state.get(subject) === null);
      this.bytes.set(key, text);
    }
  }

  private async compareForeign(): Promise<void> {
    const lines = (await this.app.tree.read('etc/sysctl.conf')).split('\n');
    expect(this.model.foreign.filter((line) => !lines.includes(line))).toEqual([]);
    expect(lines).toEqual(expect.arrayContaining(['net.ipv4.ip_forward = 1', 'kernel.shmmax = 68719476736']));
  }

  /** 0 while there is no change. */
  private idOf(any: number): number {
    const { count, lastId } = this.model;
    return count === 0 ? 0 : lastId - (any % count);
  }
}

const SYSCTL_CONF = readFileSync(join(import.meta.dirname, '../fixtures/trees/ip_conntrack/etc/sysctl.conf'), 'latin1');
const OWN_FILES = [
  ['sysctl file', 'etc/sysctl.d/99-zz-conntrack-api.conf'],
  ['modules file', 'etc/modules-load.d/conntrack-api.conf'],
] as const;

function directoryOf(layout: Layout): string {
  return layout === 'nf_conntrack' ? 'proc/sys/net/netfilter/nf_conntrack' : 'proc/sys/net/ipv4/netfilter/ip_conntrack';
}

/** A host with few settings is read ten times as fast. */
function removeOtherSettings(app: App, layout: Layout): void {
  const path = join(app.tree.root, directoryOf(layout));
  const [directory, prefix] = [join(path, '..'), layout];
  const kept = [...NAMES, 'max', 'buckets', 'count'].map((each) => `${prefix}_${each}`);
  for (const file of readdirSync(directory)) if (!kept.includes(file)) rmSync(join(directory, file));
}

async function resultOf(attempt: Promise<ClosedChange>): Promise<Expected> {
  try {
    const { id, kind, outcome } = await attempt;
    return { id, kind, outcome } as Expected;
  } catch (error) {
    if (error instanceof ConntrackError) return { code: error.code };
    throw error;
  }
}

async function errorOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof ConntrackError) return error.code;
    throw error;
  }
}
