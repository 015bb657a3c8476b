import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplyAtStart } from '../../src/application/apply-at-start.ts';
import { BootRisks } from '../../src/application/boot-risks.ts';
import { CarryOut } from '../../src/application/carry-out.ts';
import { ChangeDoor } from '../../src/application/change-door.ts';
import { ChangeHost } from '../../src/application/change-host.ts';
import { CarryOutDeletion } from '../../src/application/carry-out-deletion.ts';
import { ChangeSettings } from '../../src/application/change-settings.ts';
import { ConfirmChange } from '../../src/application/confirm-change.ts';
import { DeleteEntries } from '../../src/application/delete-entries.ts';
import { JournalTrust } from '../../src/application/journal-trust.ts';
import { KeyedRequests } from '../../src/application/keyed-requests.ts';
import { ObserveHost } from '../../src/application/observe-host.ts';
import { PersistValues } from '../../src/application/persist-values.ts';
import { PlanChange } from '../../src/application/plan-change.ts';
import { Clock } from '../../src/application/ports/clock.ts';
import { PreviewBoot } from '../../src/application/preview-boot.ts';
import { ReadSettings } from '../../src/application/read-settings.ts';
import { Recover } from '../../src/application/recover.ts';
import { RevertUnconfirmed } from '../../src/application/revert-unconfirmed.ts';
import { RollBackChange } from '../../src/application/roll-back-change.ts';
import { SettleDeletion } from '../../src/application/settle-deletion.ts';
import { UnpersistSettings } from '../../src/application/unpersist-settings.ts';
import { WatchDrift } from '../../src/application/watch-drift.ts';
import { WriterLane } from '../../src/application/writer-lane.ts';
import { EtcBootFiles } from '../../src/boot-files/etc-boot-files.ts';
import { HostBootSources } from '../../src/boot-files/sources/host-boot-sources.ts';
import type { Caller } from '../../src/domain/token.ts';
import { openDatabase } from '../../src/journal/database.ts';
import { SqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { ProcfsProcesses } from '../../src/kernel/processes.ts';
import { ProcfsBootKernel } from '../../src/kernel/procfs/boot-kernel.ts';
import { ProcfsSettings } from '../../src/kernel/procfs/settings.ts';
import { ProcfsTable } from '../../src/kernel/procfs/table.ts';
import { KernelThread } from '../../src/kernel/questions/kernel-thread.ts';
import { FakeEntries } from './fake-entries.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { copyKernelTree, type KernelTree } from './kernel-tree.ts';

export const CALLER: Caller = {
  actor: { tokenId: 'a1b2c3d4e5f6', name: 'night-shift', peer: '127.0.0.1' },
  requestId: 'req-1',
  scopes: ['settings:write', 'settings:persist'],
};

/** The real kernel files of a recorded tree, with a place to make them misbehave as a real kernel may but a tree will not. */
export class TamperedSettings extends ProcfsSettings {
  tamper: (name: string, value: number, write: () => Promise<number>) => Promise<number> = (_name, _value, write) => write();

  override write(name: string, value: number): Promise<number> {
    return this.tamper(name, value, () => super.write(name, value));
  }
}

class TickingClock extends Clock {
  private milliseconds = Date.UTC(2026, 0, 1);
  sinceBoot = 1_000_000;

  now(): Date {
    this.milliseconds += 1000;
    return new Date(this.milliseconds);
  }

  /** Stands still unless moved. */
  bootMilliseconds(): number {
    return this.sinceBoot;
  }
}

export interface Door {
  readonly tree: KernelTree;
  readonly kernel: TamperedSettings;
  readonly bootFiles: EtcBootFiles;
  readonly journal: SqliteJournal;
  readonly host: ChangeHost;
  readonly clock: TickingClock;
  readonly drift: WatchDrift;
  readonly settings: ReadSettings;
  readonly confirm: ConfirmChange;
  readonly revert: RevertUnconfirmed;
  readonly change: ChangeSettings;
  readonly rollBack: RollBackChange;
  readonly unpersist: UnpersistSettings;
  readonly applyAtStart: ApplyAtStart;
  readonly recover: Recover;
  readonly entries: FakeEntries;
  readonly deleteEntries: DeleteEntries;
  close(): Promise<void>;
}

/** The change path whole: recorded kernel tree, real boot files, real SQLite. */
export async function openDoor(layout: 'nf_conntrack' | 'ip_conntrack' = 'nf_conntrack'): Promise<Door> {
  const tree = await copyKernelTree(layout);
  const dataDir = await mkdtemp(join(tmpdir(), 'conntrack-api-door-'));
  const database = openDatabase(dataDir);
  const clock = new TickingClock();
  const kernel = new TamperedSettings(tree.root, new TableGate());
  const bootFiles = new EtcBootFiles(tree.root);
  const journal = new SqliteJournal(database);
  const observe = new ObserveHost(kernel, bootFiles);
  const bootKernel = new ProcfsBootKernel(tree.root, new KernelThread());
  const preview = new PreviewBoot(kernel, bootKernel, new HostBootSources(tree.root), bootFiles, clock);
  const persistValues = new PersistValues(bootFiles, bootKernel, journal);
  const entries = new FakeEntries();
  const recover = new Recover(journal, observe, new SettleDeletion(entries, clock), clock);
  const lane = new WriterLane();
  const door = new ChangeDoor(lane, journal, new KeyedRequests(journal, clock), new JournalTrust(journal), recover);
  const host = new ChangeHost(
    door,
    kernel,
    new PlanChange(new ProcfsTable(tree.root), preview, new BootRisks(bootFiles, bootKernel, preview, persistValues)),
    new CarryOut(kernel, bootFiles, observe, clock),
    bootFiles,
    observe,
    preview,
    clock,
  );
  return {
    tree,
    kernel,
    bootFiles,
    journal,
    host,
    recover,
    entries,
    deleteEntries: new DeleteEntries(door, kernel, entries, new CarryOutDeletion(entries, clock), clock),
    clock,
    drift: new WatchDrift(lane, kernel, new ProcfsProcesses(tree.root), preview, journal, recover, clock),
    settings: new ReadSettings(kernel, bootFiles, preview, journal),
    confirm: new ConfirmChange(host, persistValues, journal, clock),
    revert: new RevertUnconfirmed(host, kernel, journal, clock),
    change: new ChangeSettings(host, persistValues, journal),
    unpersist: new UnpersistSettings(host, bootFiles, persistValues, journal),
    applyAtStart: new ApplyAtStart(host, kernel, journal),
    rollBack: new RollBackChange(host, observe, journal),
    close: async () => {
      database.close();
      await rm(dataDir, { recursive: true });
      await tree.remove();
    },
  };
}
