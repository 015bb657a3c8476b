import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplyAtStart } from '../../src/application/change/apply-at-start.ts';
import { AssessBootRisks } from '../../src/application/change/assess-boot-risks.ts';
import { ApplyChange } from '../../src/application/change/apply-change.ts';
import { ChangeGate } from '../../src/application/change/change-gate.ts';
import { ChangeHost } from '../../src/application/change/change-host.ts';
import { ApplyDeletion } from '../../src/application/change/apply-deletion.ts';
import { ChangeSettings } from '../../src/application/change/change-settings.ts';
import { ConfirmChange } from '../../src/application/change/confirm-change.ts';
import { DeleteEntries } from '../../src/application/change/delete-entries.ts';
import { JournalIntegrity } from '../../src/application/change/journal-integrity.ts';
import { IdempotentRequests } from '../../src/application/change/idempotent-requests.ts';
import { ObserveHost } from '../../src/application/change/observe-host.ts';
import { PersistValues } from '../../src/application/change/persist-values.ts';
import { PlanChange } from '../../src/application/change/plan-change.ts';
import { Clock } from '../../src/application/ports/clock.ts';
import { PreviewBoot } from '../../src/application/table/preview-boot.ts';
import { ReadSettings } from '../../src/application/table/read-settings.ts';
import { Recover } from '../../src/application/change/recover.ts';
import { RevertUnconfirmed } from '../../src/application/change/revert-unconfirmed.ts';
import { RollBackChange } from '../../src/application/change/roll-back-change.ts';
import { SettleDeletion } from '../../src/application/change/settle-deletion.ts';
import { UnpersistSettings } from '../../src/application/change/unpersist-settings.ts';
import { WatchDrift } from '../../src/application/change/watch-drift.ts';
import { WriteLock } from '../../src/application/change/write-lock.ts';
import { EtcBootFiles } from '../../src/boot-files/etc-boot-files.ts';
import { HostBootSources } from '../../src/boot-files/sources/host-boot-sources.ts';
import type { Caller } from '../../src/domain/token.ts';
import { openDatabase } from '../../src/journal/open-database.ts';
import { SqliteJournal } from '../../src/journal/record/sqlite-journal.ts';
import { ProcfsProcesses } from '../../src/kernel/procfs/procfs-processes.ts';
import { ProcfsBootKernel } from '../../src/kernel/procfs/boot-kernel.ts';
import { ProcfsSettings } from '../../src/kernel/procfs/procfs-settings.ts';
import { ProcfsTable } from '../../src/kernel/procfs/procfs-table.ts';
import { KernelWorker } from '../../src/kernel/worker/kernel-worker.ts';
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
  const bootKernel = new ProcfsBootKernel(tree.root, new KernelWorker());
  const preview = new PreviewBoot(kernel, bootKernel, new HostBootSources(tree.root), bootFiles, clock);
  const persistValues = new PersistValues(bootFiles, bootKernel, journal);
  const entries = new FakeEntries();
  const recover = new Recover(journal, observe, new SettleDeletion(entries, clock), clock);
  const lane = new WriteLock();
  const door = new ChangeGate(lane, journal, new IdempotentRequests(journal, clock), new JournalIntegrity(journal), recover);
  const host = new ChangeHost(
    door,
    kernel,
    new PlanChange(new ProcfsTable(tree.root), preview, new AssessBootRisks(bootFiles, bootKernel, preview, persistValues)),
    new ApplyChange(kernel, bootFiles, observe, clock),
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
    deleteEntries: new DeleteEntries(door, kernel, entries, new ApplyDeletion(entries, clock), clock),
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
