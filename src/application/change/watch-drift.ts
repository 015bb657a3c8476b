import { Injectable } from '@nestjs/common';
import type { Change, Intent, Outcome } from '../../domain/change.ts';
import { likelyOwners, linesSetting } from '../../domain/likely-owner.ts';
import type { LiveSettings, SettingName, SettingValues } from '../../domain/setting.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { retryWhileLocked } from '../retry-while-locked.ts';
import { KernelBoot, KernelProcesses, KernelSettings } from '../ports/kernel.ts';
import { PreviewBoot } from '../table/preview-boot.ts';
import { ChangeRecords } from './change-records.ts';
import { Recover } from './recover.ts';
import { WriteLock } from './write-lock.ts';

/** The actor of a change that another writer made. */
const OUTSIDER = { tokenId: 'external', name: 'external', peer: 'local' };

interface Known {
  readonly value: number;
  /** Boot id of the change that recorded it; absent for a value that was only observed by this process. */
  readonly bootId?: string | null;
}

/** Records values that another writer changed, with the likely writer. */
@Injectable()
export class WatchDrift {
  private readonly observed = new Map<SettingName, number>();
  /** The head of the journal and the live values when they were last compared: while these are the same, so is the result. */
  private compared: string | undefined;

  constructor(
    private readonly writeLock: WriteLock,
    private readonly kernel: KernelSettings,
    private readonly processes: KernelProcesses,
    private readonly boot: KernelBoot,
    private readonly preview: PreviewBoot,
    private readonly journal: Journal,
    private readonly records: ChangeRecords,
    private readonly recover: Recover,
    private readonly clock: Clock,
  ) {}

  /** To be called every 10 s. Holds the write lock, so that a change of this service in progress is not taken for drift. @returns what was compared */
  async run(): Promise<LiveSettings> {
    using _lock = await this.writeLock.acquire();
    // Until its outcome is recorded, what a change of this service wrote looks like drift.
    this.records.recordPending();
    await this.recover.run();
    const live = await this.kernel.read();
    const compared = JSON.stringify([this.journal.head().hash, liveValues(live)]);
    if (compared === this.compared) return live;
    for (const { name, value } of live.settings) if (value !== undefined) await this.compare(live, name, value);
    this.compared = compared;
    return live;
  }

  private async compare(live: LiveSettings, name: SettingName, value: number): Promise<void> {
    const known = this.lastKnown(name);
    if (known && known.value !== value) await this.record(live, name, known, value);
    this.observed.set(name, value);
  }

  private lastKnown(name: SettingName): Known | undefined {
    const id = this.journal.lastToAlter(name, 0);
    const recorded = id === undefined ? undefined : valueAfter(this.journal.get(id), name);
    if (recorded) return recorded;
    const observed = this.observed.get(name);
    return observed === undefined ? undefined : { value: observed };
  }

  private async record(live: LiveSettings, name: SettingName, known: Known, value: number): Promise<void> {
    const bootId = live.bootId ?? null;
    const owners = await this.owners(live, name, known, value);
    const now = this.clock.now();
    const intent: Intent = {
      kind: 'drift',
      startedAt: now,
      bootId,
      actor: OUTSIDER,
      requestId: 'drift',
      reason: owners.length > 0 ? `likely: ${owners.join('; ')}` : 'no evidence of who changed it',
      rollbackOf: null,
      relatesTo: null,
      confirm: null,
      idempotency: null,
      acknowledged: [],
      settings: [{ name, before: known.value, requested: value }],
      files: [],
    };
    const outcome: Outcome = { outcome: 'recovered-applied', completedAt: now, observed: { settings: { [name]: value }, files: {} } };
    const id = await retryWhileLocked(() => this.journal.open(intent));
    await retryWhileLocked(() => this.journal.close(id, outcome));
  }

  private async owners(live: LiveSettings, name: SettingName, known: Known, value: number): Promise<readonly string[]> {
    const { processes, lines } = await this.processes.evidence(name, value);
    const { defaults = {} } = await this.boot.read();
    return likelyOwners(name, value, {
      processes,
      lines: [...linesSetting(await this.preview.afterwards(live, []), name, value), ...lines],
      // An id that could not be read proves nothing.
      rebooted: typeof known.bootId === 'string' && live.bootId !== undefined && known.bootId !== live.bootId,
      defaults,
      live: liveValues(live),
    });
  }
}

function liveValues({ settings }: LiveSettings): SettingValues {
  return Object.fromEntries(settings.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

function valueAfter(change: Change, name: SettingName): Known | undefined {
  const value = change.outcome === 'pending' ? null : change.observed.settings[name];
  return value === null || value === undefined ? undefined : { value, bootId: change.bootId };
}
