import { Module, type DynamicModule, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApplyAtStart } from './application/apply-at-start.ts';
import { Authenticate } from './application/authenticate.ts';
import { BootRisks } from './application/boot-risks.ts';
import { AdviseSizing } from './application/advise-sizing.ts';
import { CarryOutDeletion } from './application/carry-out-deletion.ts';
import { CarryOut } from './application/carry-out.ts';
import { ChangeDoor } from './application/change-door.ts';
import { ChangeHost } from './application/change-host.ts';
import { ChangeSettings } from './application/change-settings.ts';
import { ConfirmChange } from './application/confirm-change.ts';
import { DeleteEntries } from './application/delete-entries.ts';
import { GiveTokens } from './application/give-tokens.ts';
import { JournalTrust } from './application/journal-trust.ts';
import { KeyedRequests } from './application/keyed-requests.ts';
import { ObserveHost } from './application/observe-host.ts';
import { PlanChange } from './application/plan-change.ts';
import { PersistValues } from './application/persist-values.ts';
import { BootFiles } from './application/ports/boot-files.ts';
import { BootSourceFiles } from './application/ports/boot-sources.ts';
import { Clock } from './application/ports/clock.ts';
import { Journal } from './application/ports/journal.ts';
import { KernelEvents } from './application/ports/kernel-events.ts';
import {
  KernelBoot,
  KernelCapabilities,
  KernelEntries,
  KernelNamespaces,
  KernelProcesses,
  KernelSettings,
  KernelTable,
} from './application/ports/kernel.ts';
import { Samples } from './application/ports/samples.ts';
import { TokenIssuer } from './application/ports/token-issuer.ts';
import { Tokens } from './application/ports/tokens.ts';
import { PreviewBoot } from './application/preview-boot.ts';
import { ReadHistory } from './application/read-history.ts';
import { ReadSettings } from './application/read-settings.ts';
import { Readiness } from './application/readiness.ts';
import { ReadCounters } from './application/read-counters.ts';
import { ReadTable } from './application/read-table.ts';
import { RecentReadings } from './application/recent-readings.ts';
import { RecentSummary } from './application/recent-summary.ts';
import { Recover } from './application/recover.ts';
import { RevertUnconfirmed } from './application/revert-unconfirmed.ts';
import { RollBackChange } from './application/roll-back-change.ts';
import { SettleDeletion } from './application/settle-deletion.ts';
import { TallyChanges } from './application/tally-changes.ts';
import { UnpersistSettings } from './application/unpersist-settings.ts';
import { SummariseEntries } from './application/summarise-entries.ts';
import { TakeSample } from './application/take-sample.ts';
import { WatchDrift } from './application/watch-drift.ts';
import { WriterLane } from './application/writer-lane.ts';
import { EtcBootFiles } from './boot-files/etc-boot-files.ts';
import { HelperBootFiles } from './boot-files/helper/helper-boot-files.ts';
import { HostBootSources } from './boot-files/sources/host-boot-sources.ts';
import type { Config } from './config/config.ts';
import { BuildInfo, CONTROLLERS, httpProviders, newAdapter, setUpHttp } from './http/http.ts';
import { acquireServiceLock } from './journal/journal-lock.ts';
import { openSamples } from './journal/open-samples.ts';
import { openStorage, type Storage } from './journal/storage.ts';
import { ProcfsCapabilities } from './kernel/capabilities.ts';
import { HostEntries } from './kernel/dump/host-entries.ts';
import { CtnetlinkEvents } from './kernel/events/ctnetlink-events.ts';
import { NamedNamespaces } from './kernel/named-namespaces.ts';
import { NamespaceTables } from './kernel/namespace-tables.ts';
import { ProcfsProcesses } from './kernel/processes.ts';
import { ProcfsBootKernel } from './kernel/procfs/boot-kernel.ts';
import { ProcfsSettings } from './kernel/procfs/settings.ts';
import { ProcfsTable } from './kernel/procfs/table.ts';
import { KernelThread } from './kernel/questions/kernel-thread.ts';
import { TableGate } from './kernel/table-gate.ts';
import { NoIssuer } from './oidc/no-issuer.ts';
import { OidcIssuer } from './oidc/oidc-issuer.ts';
import { Certificate } from './tls/certificate.ts';
import { SystemClock } from './system-clock.ts';
import { packageVersion } from './version.ts';

const USE_CASES = [
  WriterLane,
  ObserveHost,
  SettleDeletion,
  Recover,
  PreviewBoot,
  PersistValues,
  BootRisks,
  PlanChange,
  CarryOut,
  CarryOutDeletion,
  KeyedRequests,
  JournalTrust,
  ChangeDoor,
  ChangeHost,
  DeleteEntries,
  ChangeSettings,
  UnpersistSettings,
  ApplyAtStart,
  RollBackChange,
  ConfirmChange,
  RevertUnconfirmed,
  WatchDrift,
  RecentReadings,
  TakeSample,
  ReadHistory,
  AdviseSizing,
  ReadTable,
  ReadCounters,
  RecentSummary,
  SummariseEntries,
  ReadSettings,
  Readiness,
  TallyChanges,
  GiveTokens,
  Authenticate,
] as const;

/** The composition root: the one place that knows which adapter stands behind which port. */
@Module({})
export class AppModule {
  static over(config: Config, clock: Clock, { journal, tokens }: Storage, samples: Samples, certificate?: Certificate): DynamicModule {
    const { root } = config;
    const gate = new TableGate();
    const namespaces = new NamedNamespaces(root, config.namespaces);
    const thread = new KernelThread();
    const bootFiles = config.bootHelper === undefined ? new EtcBootFiles(root) : new HelperBootFiles(root, config.bootHelper);
    const namespaceTables = new NamespaceTables(root, namespaces, thread);
    return {
      module: AppModule,
      controllers: [...CONTROLLERS],
      providers: [
        { provide: Clock, useValue: clock },
        { provide: KernelSettings, useValue: new ProcfsSettings(root, gate) },
        { provide: KernelTable, useValue: new ProcfsTable(root, namespaceTables) },
        { provide: KernelNamespaces, useValue: namespaceTables },
        { provide: KernelEntries, useValue: new HostEntries(root, gate, namespaces) },
        { provide: KernelEvents, useValue: new CtnetlinkEvents(root, namespaces) },
        { provide: KernelProcesses, useValue: new ProcfsProcesses(root) },
        { provide: KernelCapabilities, useValue: new ProcfsCapabilities(root, thread, namespaceTables) },
        { provide: KernelBoot, useValue: new ProcfsBootKernel(root, thread) },
        { provide: BootSourceFiles, useValue: new HostBootSources(root) },
        { provide: BootFiles, useValue: bootFiles },
        { provide: Journal, useValue: journal },
        { provide: Tokens, useValue: tokens },
        { provide: TokenIssuer, useValue: config.oidc ? new OidcIssuer(config.oidc, clock) : new NoIssuer() },
        { provide: Samples, useValue: samples },
        ...USE_CASES,
        { provide: BuildInfo, useValue: new BuildInfo(packageVersion(), config.simulated) },
        ...(certificate ? [{ provide: Certificate, useValue: certificate }] : []),
        ...httpProviders(config),
      ],
    };
  }
}

/**
 * The whole application, ready to listen or to be driven without a port. Holds the data directory's service lock until it is closed; each
 * new head of the journal goes to the log.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` where another service holds the data directory, or it cannot be made.
 */
export async function createApp(config: Config, clock: Clock = new SystemClock()): Promise<NestFastifyApplication> {
  const lock = acquireServiceLock(config.dataDir, { pid: process.pid, startedAt: new Date(), listen: `${config.host}:${config.port}` });
  let storage: Storage | undefined;
  let samples: Samples | undefined;
  const close = (): void => {
    storage?.close();
    samples?.close();
    lock.release();
  };
  try {
    const certificate = config.tls && new Certificate(config.tls);
    const http = { ...config, ...(certificate && { certificate }) };
    const adapter = newAdapter(http);
    const fastify = adapter.getInstance();
    storage = openStorage(config.dataDir, clock, ({ sequence, hash }) => {
      fastify.log.info(`journal head ${sequence}:${hash}`);
    });
    samples = openSamples(config.dataDir, config.sampleSeconds, (message) => {
      fastify.log.warn(message);
    });
    const options: NestApplicationOptions = { logger: false, abortOnError: false };
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.over(config, clock, storage, samples, certificate),
      adapter,
      options,
    );
    fastify.addHook('onClose', async () => {
      await app.get(KernelEntries).close();
      close();
    });
    await setUpHttp(app, http);
    return app;
  } catch (error) {
    close();
    throw error;
  }
}
