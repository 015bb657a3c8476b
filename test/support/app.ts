import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../../src/app.module.ts';
import { ApplyAtStart } from '../../src/application/change/apply-at-start.ts';
import { ChangeGate } from '../../src/application/change/change-gate.ts';
import { ChangeSettings } from '../../src/application/change/change-settings.ts';
import { Confirmations } from '../../src/application/change/confirmations.ts';
import { ConfirmChange } from '../../src/application/change/confirm-change.ts';
import { DeleteEntries } from '../../src/application/change/delete-entries.ts';
import { LoadModule } from '../../src/application/change/load-module.ts';
import { Readiness } from '../../src/application/change/readiness.ts';
import { Recover } from '../../src/application/change/recover.ts';
import { RevertUnconfirmed } from '../../src/application/change/revert-unconfirmed.ts';
import { RollBackChange } from '../../src/application/change/roll-back-change.ts';
import { UnpersistSettings } from '../../src/application/change/unpersist-settings.ts';
import { UpdateEntries } from '../../src/application/change/update-entries.ts';
import { WatchDrift } from '../../src/application/change/watch-drift.ts';
import { ConfigureDesired } from '../../src/application/desired/configure-desired.ts';
import { RestoreDesired } from '../../src/application/desired/restore-desired.ts';
import { ConfigureGuard } from '../../src/application/guard/configure-guard.ts';
import { GuardCapacity } from '../../src/application/guard/guard-capacity.ts';
import { BootFiles } from '../../src/application/ports/boot-files.ts';
import { Clock } from '../../src/application/ports/clock.ts';
import type { Journal } from '../../src/application/ports/journal.ts';
import { KernelEntries, KernelModule, KernelSettings } from '../../src/application/ports/kernel.ts';
import { PreviewBoot } from '../../src/application/table/preview-boot.ts';
import { ReadSettings } from '../../src/application/table/read-settings.ts';
import type { Config } from '../../src/config/config.ts';
import type { NamespaceRef } from '../../src/domain/namespace.ts';
import type { LiveSettings } from '../../src/domain/setting.ts';
import type { Caller } from '../../src/domain/token.ts';
import { openSamples } from '../../src/journal/samples/sqlite-samples.ts';
import { openStorage } from '../../src/journal/storage.ts';
import { ProcfsSettings } from '../../src/kernel/procfs/procfs-settings.ts';
import { TableGate } from '../../src/kernel/table-gate.ts';
import { FakeEntries } from './fake-entries.ts';
import { copyKernelTree, type KernelTree, type KernelTreeName } from './kernel-tree.ts';
import { NamespaceTrees } from './namespace-trees.ts';

export const CALLER: Caller = {
  actor: { tokenId: 'a1b2c3d4e5f6', name: 'night-shift', peer: '127.0.0.1' },
  requestId: 'req-1',
  scopes: ['settings:write', 'settings:persist', 'entries:update'],
};

const CONFIG: Omit<Config, 'root' | 'dataDir'> = {
  host: '127.0.0.1',
  port: 0,
  tcp: true,
  simulated: false,
  allowedHosts: [],
  allowedOrigins: [],
  rateLimit: 0,
  logLevel: 'silent',
  firstToken: false,
  requireIfMatch: false,
  namespaces: false,
  openMetrics: false,
  applyAtStart: false,
  sampleSeconds: 0,
};

/** The files of a recorded kernel tree, with a hook to fail as a kernel can and files cannot. */
class TamperedSettings extends ProcfsSettings {
  tamper: (name: string, value: number, write: () => Promise<number>) => Promise<number> = (_name, _value, write) => write();

  constructor(
    root: string,
    private readonly trees: NamespaceTrees,
  ) {
    super(root, new TableGate());
  }

  override async read(namespace?: string): Promise<LiveSettings> {
    const own = await super.read();
    return namespace === undefined ? own : this.trees.read(namespace, own.bootId);
  }

  override write(name: string, value: number, namespace?: NamespaceRef): Promise<number> {
    return this.tamper(name, value, () => (namespace ? this.trees.write(namespace, name, value) : super.write(name, value)));
  }
}

/** A kernel that loads the module, or does not. The real one cannot be asked from a recorded tree. */
class FakeModule extends KernelModule {
  /** What modprobe does. */
  load: () => Promise<void> = () => Promise.resolve();

  requireLoadable(): void {
    // Any tree will do.
  }
}

class TickingClock extends Clock {
  private milliseconds = Date.UTC(2026, 0, 1);
  /** Changes only when a test sets it. */
  sinceBoot = 1_000_000;

  skip(milliseconds: number): void {
    this.milliseconds += milliseconds;
  }

  now(): Date {
    this.milliseconds += 1000;
    return new Date(this.milliseconds);
  }

  bootMilliseconds(): number {
    return this.sinceBoot;
  }
}

export interface App {
  readonly tree: KernelTree;
  readonly dataDir: string;
  readonly kernel: TamperedSettings;
  readonly entries: FakeEntries;
  readonly module: FakeModule;
  readonly namespaces: NamespaceTrees;
  readonly clock: TickingClock;
  readonly bootFiles: BootFiles;
  readonly journal: Journal;
  readonly gate: ChangeGate;
  readonly recover: Recover;
  readonly readiness: Readiness;
  readonly settings: ReadSettings;
  readonly preview: PreviewBoot;
  readonly change: ChangeSettings;
  readonly confirmations: Confirmations;
  readonly confirm: ConfirmChange;
  readonly revert: RevertUnconfirmed;
  readonly rollBack: RollBackChange;
  readonly unpersist: UnpersistSettings;
  readonly applyAtStart: ApplyAtStart;
  readonly deleteEntries: DeleteEntries;
  readonly updateEntries: UpdateEntries;
  readonly loadModule: LoadModule;
  readonly drift: WatchDrift;
  readonly configureDesired: ConfigureDesired;
  readonly desired: RestoreDesired;
  readonly configureGuard: ConfigureGuard;
  readonly guard: GuardCapacity;
  /** Stops it and starts another one over the same host and the same data directory. */
  restart(): Promise<App>;
  close(): Promise<void>;
}

interface Stage {
  readonly tree: KernelTree;
  readonly dataDir: string;
  readonly clock: TickingClock;
  readonly entries: FakeEntries;
  readonly module: FakeModule;
  readonly namespaces: NamespaceTrees;
}

/**
 * The application without HTTP: a copy of a recorded kernel tree, real boot files and a real database. Only the clock, the entries, the
 * loading of the module and the writing of settings are replaced.
 */
export async function openApp(layout: KernelTreeName = 'nf_conntrack'): Promise<App> {
  const tree = await copyKernelTree(layout);
  const dataDir = await mkdtemp(join(tmpdir(), 'conntrack-api-app-'));
  return start({
    tree,
    dataDir,
    clock: new TickingClock(),
    entries: new FakeEntries(),
    module: new FakeModule(),
    namespaces: new NamespaceTrees(),
  });
}

async function start(stage: Stage): Promise<App> {
  const { tree, dataDir, clock, entries, module: kernelModule, namespaces } = stage;
  const kernel = new TamperedSettings(tree.root, namespaces);
  const storage = openStorage(dataDir, clock, () => undefined);
  const samples = openSamples(dataDir, CONFIG.sampleSeconds, () => undefined);
  const module = AppModule.over({ ...CONFIG, dataDir, root: tree.root }, clock, storage, samples);
  const context = await NestFactory.createApplicationContext(
    overriding(module, [
      { provide: KernelSettings, useValue: kernel },
      { provide: KernelEntries, useValue: entries },
      { provide: KernelModule, useValue: kernelModule },
    ]),
    { logger: false, abortOnError: false },
  );
  const stop = async (): Promise<void> => {
    await context.close();
    samples.close();
    storage.close();
  };
  return {
    tree,
    dataDir,
    kernel,
    entries,
    module: kernelModule,
    namespaces,
    clock,
    bootFiles: context.get(BootFiles),
    journal: storage.journal,
    gate: context.get(ChangeGate),
    recover: context.get(Recover),
    readiness: context.get(Readiness),
    settings: context.get(ReadSettings),
    preview: context.get(PreviewBoot),
    change: context.get(ChangeSettings),
    confirmations: context.get(Confirmations),
    confirm: context.get(ConfirmChange),
    revert: context.get(RevertUnconfirmed),
    rollBack: context.get(RollBackChange),
    unpersist: context.get(UnpersistSettings),
    applyAtStart: context.get(ApplyAtStart),
    deleteEntries: context.get(DeleteEntries),
    updateEntries: context.get(UpdateEntries),
    loadModule: context.get(LoadModule),
    drift: context.get(WatchDrift),
    configureDesired: context.get(ConfigureDesired),
    desired: context.get(RestoreDesired),
    configureGuard: context.get(ConfigureGuard),
    guard: context.get(GuardCapacity),
    restart: async () => {
      await stop();
      return start(stage);
    },
    close: async () => {
      await stop();
      await rm(dataDir, { recursive: true });
      await tree.remove();
      await namespaces.remove();
    },
  };
}

/** The module without its controllers, with providers replaced by those for the same tokens. */
function overriding(module: DynamicModule, overrides: readonly Exclude<Provider, Type>[]): DynamicModule {
  const tokens = new Set(overrides.map(({ provide }) => provide));
  const kept = (module.providers ?? []).filter((provider) => !('provide' in provider && tokens.has(provider.provide)));
  if (kept.length !== (module.providers ?? []).length - tokens.size) throw new Error('An override replaces no provider of the module.');
  return { ...module, controllers: [], providers: [...kept, ...overrides] };
}
