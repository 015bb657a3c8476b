import { Injectable } from '@nestjs/common';
import type { Change, Intent, Outcome } from '../../domain/change.ts';
import { likelyOwners, linesSetting } from '../../domain/likely-owner.ts';
import type { LiveSettings, SettingName } from '../../domain/setting.ts';
import { Clock } from '../ports/clock.ts';
import { Journal } from '../ports/journal.ts';
import { KernelProcesses, KernelSettings } from '../ports/kernel.ts';
import { PreviewBoot } from '../table/preview-boot.ts';
import { Recover } from './recover.ts';
import { WriteLock } from './write-lock.ts';

/** Whoever it was, as the record names it. */
const SOMEBODY = { tokenId: 'external', name: 'external', peer: 'local' };

interface Known {
  readonly value: number;
  /** Boot id of the change that recorded it; absent for a value that was only seen by this process. */
  readonly bootId?: string | null;
}

/** Records values that somebody else has moved, with who it likely was. Never puts them back. */
@Injectable()
export class WatchDrift {
  private readonly seen = new Map<SettingName, number>();

  constructor(
    private readonly lane: WriteLock,
    private readonly kernel: KernelSettings,
    private readonly processes: KernelProcesses,
    private readonly preview: PreviewBoot,
    private readonly journal: Journal,
    private readonly recover: Recover,
    private readonly clock: Clock,
  ) {}

  /** To be called every ten seconds. Inside the lane, so that a change of ours that is half done is not taken for somebody else's. */
  run(): Promise<void> {
    return this.lane.run(async () => {
      await this.recover.run();
      const live = await this.kernel.read();
      for (const { name, value } of live.settings) if (value !== undefined) await this.compare(live, name, value);
    });
  }

  private async compare(live: LiveSettings, name: SettingName, value: number): Promise<void> {
    const known = this.lastKnown(name);
    if (known && known.value !== value) await this.record(live, name, known, value);
    this.seen.set(name, value);
  }

  private lastKnown(name: SettingName): Known | undefined {
    const id = this.journal.lastToAlter(name, 0);
    const recorded = id === undefined ? undefined : valueLeftBy(this.journal.get(id), name);
    if (recorded) return recorded;
    const seen = this.seen.get(name);
    return seen === undefined ? undefined : { value: seen };
  }

  private async record(live: LiveSettings, name: SettingName, known: Known, value: number): Promise<void> {
    const bootId = live.bootId ?? null;
    const owners = likelyOwners(name, value, {
      processes: await this.processes.knownWriters(),
      lines: linesSetting(await this.preview.afterwards(live, []), name, value),
      rebooted: known.bootId !== undefined && known.bootId !== bootId,
    });
    const now = this.clock.now();
    const intent: Intent = {
      kind: 'drift',
      startedAt: now,
      bootId,
      actor: SOMEBODY,
      requestId: 'drift',
      reason: owners.length > 0 ? `likely: ${owners.join('; ')}` : 'nothing tells who it was',
      rollbackOf: null,
      relatesTo: null,
      confirm: null,
      idempotency: null,
      acknowledged: [],
      settings: [{ name, before: known.value, requested: value }],
      files: [],
    };
    const outcome: Outcome = { outcome: 'recovered-applied', completedAt: now, observed: { settings: { [name]: value }, files: {} } };
    this.journal.close(this.journal.open(intent), outcome);
  }
}

function valueLeftBy(change: Change, name: SettingName): Known | undefined {
  const value = change.outcome === 'pending' ? null : change.observed.settings[name];
  return value === null || value === undefined ? undefined : { value, bootId: change.bootId };
}
