import { Module, type DynamicModule, type NestApplicationOptions, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFile } from 'node:fs/promises';
import { ApplyAtStart } from './application/change/apply-at-start.ts';
import { Authenticate } from './application/access/authenticate.ts';
import { AssessBootRisks } from './application/change/assess-boot-risks.ts';
import { AdviseSizing } from './application/table/advise-sizing.ts';
import { ApplyDeletion } from './application/change/apply-deletion.ts';
import { ApplyUpdate } from './application/change/apply-update.ts';
import { ApplyLoad } from './application/change/apply-load.ts';
import { ApplyChange } from './application/change/apply-change.ts';
import { ChangeEntries } from './application/change/change-entries.ts';
import { ChangeGate } from './application/change/change-gate.ts';
import { ChangeHost } from './application/change/change-host.ts';
import { ChangeRecords } from './application/change/change-records.ts';
import { ChangeSettings } from './application/change/change-settings.ts';
import { Confirmations } from './application/change/confirmations.ts';
import { ConfirmChange } from './application/change/confirm-change.ts';
import { ManageBlocks } from './application/change/manage-blocks.ts';
import { DeleteEntries } from './application/change/delete-entries.ts';
import { IssueTokens } from './application/access/issue-tokens.ts';
import { LoadModule } from './application/change/load-module.ts';
import { JournalIntegrity } from './application/change/journal-integrity.ts';
import { IdempotentRequests } from './application/change/idempotent-requests.ts';
import { ObserveHost } from './application/change/observe-host.ts';
import { PlanChange } from './application/change/plan-change.ts';
import { PersistUnloaded } from './application/change/persist-unloaded.ts';
import { PersistValues } from './application/change/persist-values.ts';
import { ConfigureDesired } from './application/desired/configure-desired.ts';
import { RestoreDesired } from './application/desired/restore-desired.ts';
import { ConfigureGuard } from './application/guard/configure-guard.ts';
import { GuardCapacity } from './application/guard/guard-capacity.ts';
import { BootFiles } from './application/ports/boot-files.ts';
import { BootSourceFiles } from './application/ports/boot-sources.ts';
import { Clock } from './application/ports/clock.ts';
import { Journal } from './application/ports/journal.ts';
import { KernelExpectations } from './application/ports/kernel-expectations.ts';
import { KernelHelpers } from './application/ports/kernel-helpers.ts';
import { KernelEvents } from './application/ports/kernel-events.ts';
import {
  KernelBoot,
  KernelCapabilities,
  KernelBlocks,
  KernelEntries,
  KernelModule,
  KernelNamespaces,
  KernelProcesses,
  KernelSettings,
  KernelTable,
} from './application/ports/kernel.ts';
import { LabelNames } from './application/ports/label-names.ts';
import { ProcessMemory } from './application/ports/process-memory.ts';
import { Samples } from './application/ports/samples.ts';
import { TokenIssuer, Tokens } from './application/ports/tokens.ts';
import { Webhooks, WebhookSender } from './application/ports/webhooks.ts';
import { PreviewBoot } from './application/table/preview-boot.ts';
import { ReadHelpers } from './application/table/read-helpers.ts';
import { ReadHistory } from './application/table/read-history.ts';
import { ReadSettings } from './application/table/read-settings.ts';
import { Readiness } from './application/change/readiness.ts';
import { ReadCounters } from './application/table/read-counters.ts';
import { ReadTable } from './application/table/read-table.ts';
import { RecentReadings } from './application/table/recent-readings.ts';
import { RecentSummary } from './application/table/recent-summary.ts';
import { Recover } from './application/change/recover.ts';
import { RevertUnconfirmed } from './application/change/revert-unconfirmed.ts';
import { RollBackChange } from './application/change/roll-back-change.ts';
import { RollBackUpdate } from './application/change/roll-back-update.ts';
import { ResolveLabels } from './application/change/resolve-labels.ts';
import { SettleUpdate } from './application/change/settle-update.ts';
import { UpdateEntries } from './application/change/update-entries.ts';
import { SettleDeletion } from './application/change/settle-deletion.ts';
import { CountChanges } from './application/change/count-changes.ts';
import { UnpersistSettings } from './application/change/unpersist-settings.ts';
import { Reachability } from './application/reachability.ts';
import { SummariseEntries } from './application/table/summarise-entries.ts';
import { TakeSample } from './application/table/take-sample.ts';
import { WatchDrift } from './application/change/watch-drift.ts';
import { WriteLock } from './application/change/write-lock.ts';
import { DeliverWebhooks } from './application/webhooks/deliver-webhooks.ts';
import { ManageWebhooks } from './application/webhooks/manage-webhooks.ts';
import { WatchFindings } from './application/webhooks/watch-findings.ts';
import { ConnlabelFile } from './boot-files/connlabel-file.ts';
import { EtcBootFiles } from './boot-files/etc-boot-files.ts';
import { HelperBootFiles } from './boot-files/helper/helper-boot-files.ts';
import { HostBootSources } from './boot-files/sources/host-boot-sources.ts';
import { packageVersion, type Config } from './config/config.ts';
import { BuildInfo, CONTROLLERS, httpProviders, newAdapter, setUpHttp } from './http/http.ts';
import { acquireServiceLock } from './journal/file/journal-lock.ts';
import { openSamples } from './journal/samples/sqlite-samples.ts';
import { openStorage, type Storage } from './journal/storage.ts';
import { SqliteWebhooks } from './journal/webhooks/sqlite-webhooks.ts';
import { ProcfsCapabilities } from './kernel/procfs/procfs-capabilities.ts';
import { HostBlocks } from './kernel/host-blocks.ts';
import { HostEntries } from './kernel/dump/host-entries.ts';
import { HostExpectations } from './kernel/expectations/host-expectations.ts';
import { CtnetlinkEvents } from './kernel/events/ctnetlink-events.ts';
import { NamedNamespaces } from './kernel/named-namespaces.ts';
import { NamespaceTables } from './kernel/procfs/namespace-tables.ts';
import { ProcfsHelpers } from './kernel/procfs/procfs-helpers.ts';
import { ProcfsProcesses } from './kernel/procfs/procfs-processes.ts';
import { ProcfsBootKernel } from './kernel/procfs/boot-kernel.ts';
import { ProcfsSettings } from './kernel/procfs/procfs-settings.ts';
import { ProcfsTable } from './kernel/procfs/procfs-table.ts';
import { LimitedMemory } from './kernel/memory/limited-memory.ts';
import { ModuleAutoload } from './kernel/module-autoload.ts';
import { KernelWorker } from './kernel/worker/kernel-worker.ts';
import { TableGate } from './kernel/table-gate.ts';
import { NoIssuer, OidcIssuer } from './oidc/oidc-issuer.ts';
import { Certificate } from './tls/certificate.ts';
import { SystemClock } from './kernel/system-clock.ts';
import { HttpSender } from './webhooks/http-sender.ts';

const USE_CASES = [
  WriteLock,
  ObserveHost,
  SettleDeletion,
  SettleUpdate,
  Recover,
  PreviewBoot,
  PersistValues,
  AssessBootRisks,
  PlanChange,
  ApplyChange,
  ApplyDeletion,
  ApplyUpdate,
  IdempotentRequests,
  JournalIntegrity,
  Confirmations,
  ChangeRecords,
  ChangeGate,
  ChangeHost,
  ManageBlocks,
  DeleteEntries,
  ChangeEntries,
  ResolveLabels,
  UpdateEntries,
  RollBackUpdate,
  ApplyLoad,
  LoadModule,
  PersistUnloaded,
  ChangeSettings,
  UnpersistSettings,
  ApplyAtStart,
  RollBackChange,
  ConfirmChange,
  RevertUnconfirmed,
  WatchDrift,
  RecentReadings,
  TakeSample,
  ReadHelpers,
  ReadHistory,
  ConfigureDesired,
  RestoreDesired,
  ConfigureGuard,
  GuardCapacity,
  AdviseSizing,
  ReadTable,
  ReadCounters,
  RecentSummary,
  SummariseEntries,
  ReadSettings,
  Readiness,
  CountChanges,
  IssueTokens,
  Authenticate,
  Reachability,
  ManageWebhooks,
  DeliverWebhooks,
  WatchFindings,
] as const;

function bootFilesOf({ root, bootHelper }: Config): BootFiles {
  return bootHelper === undefined ? new EtcBootFiles(root) : new HelperBootFiles(root, bootHelper);
}

function storageProviders({ dataDir }: Config, { journal, tokens }: Storage, samples: Samples): Provider[] {
  return [
    { provide: Journal, useValue: journal },
    { provide: Tokens, useValue: tokens },
    { provide: Samples, useValue: samples },
    { provide: Webhooks, useValue: new SqliteWebhooks(dataDir) },
  ];
}

/** The composition root: the only place that binds ports to adapters. */
@Module({})
export class AppModule {
  /** @param simulation adapters that replace those of the host */
  static over(
    config: Config,
    clock: Clock,
    storage: Storage,
    samples: Samples,
    certificate?: Certificate,
    simulation: readonly Provider[] = [],
  ): DynamicModule {
    const [{ root }, gate] = [config, new TableGate()];
    const namespaces = new NamedNamespaces(root, config.namespaces);
    const kernelWorker = new KernelWorker();
    const namespaceTables = new NamespaceTables(root, namespaces, kernelWorker);
    return {
      module: AppModule,
      controllers: [...CONTROLLERS],
      providers: [
        { provide: Clock, useValue: clock },
        { provide: KernelSettings, useValue: new ProcfsSettings(root, gate, namespaceTables) },
        { provide: KernelTable, useValue: new ProcfsTable(root, namespaceTables, kernelWorker) },
        { provide: KernelNamespaces, useValue: namespaceTables },
        { provide: KernelEntries, useValue: new HostEntries(root, gate, namespaces) },
        { provide: KernelBlocks, useValue: new HostBlocks(root, kernelWorker) },
        { provide: KernelExpectations, useValue: new HostExpectations(root, namespaces) },
        { provide: KernelHelpers, useValue: new ProcfsHelpers(root) },
        { provide: KernelEvents, useValue: new CtnetlinkEvents(root, namespaces) },
        { provide: KernelProcesses, useValue: new ProcfsProcesses(root) },
        { provide: KernelCapabilities, useValue: new ProcfsCapabilities(root, kernelWorker, namespaceTables) },
        { provide: KernelModule, useValue: new ModuleAutoload(root) },
        { provide: KernelBoot, useValue: new ProcfsBootKernel(root, kernelWorker) },
        { provide: BootSourceFiles, useValue: new HostBootSources(root) },
        { provide: BootFiles, useValue: bootFilesOf(config) },
        { provide: ProcessMemory, useValue: new LimitedMemory() },
        { provide: LabelNames, useValue: new ConnlabelFile(root) },
        ...storageProviders(config, storage, samples),
        { provide: TokenIssuer, useValue: config.oidc ? new OidcIssuer(config.oidc, clock) : new NoIssuer() },
        { provide: WebhookSender, useValue: HttpSender.ofThisHost(config.webhooksAllowLocal === true, packageVersion()) },
        ...USE_CASES,
        { provide: BuildInfo, useValue: new BuildInfo(packageVersion(), config.simulated) },
        ...(certificate ? [{ provide: Certificate, useValue: certificate }] : []),
        ...httpProviders(config),
        ...simulation,
      ],
    };
  }
}

/**
 * The whole application, ready to listen, or to be used without a port. It holds the service lock of the data directory until it is closed,
 * and logs each new head of the journal.
 *
 * @throws ConntrackError `JOURNAL_UNAVAILABLE` where another service uses the data directory, or it cannot be created
 */
export async function createApp(
  config: Config,
  clock: Clock = new SystemClock(),
  simulation: readonly Provider[] = [],
): Promise<NestFastifyApplication> {
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
    const formatLine = config.logFormat === 'text' ? await textFormat() : undefined;
    const http = { ...config, readDocument, ...(certificate && { certificate }), ...(formatLine && { formatLine }) };
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
      AppModule.over(config, clock, storage, samples, certificate, simulation),
      adapter,
      options,
    );
    fastify.addHook('onClose', async () => {
      await app.get(KernelEntries).close();
      await app.get(KernelExpectations).close();
      app.get(Webhooks).close();
      close();
    });
    await setUpHttp(app, http);
    return app;
  } catch (error) {
    close();
    throw error;
  }
}

/** Made from openapi/openapi.yaml by the build. The relative path is the same from src and from dist. */
function readDocument(): Promise<string> {
  return readFile(new URL('../dist/openapi.json', import.meta.url), 'utf8');
}

/** Loaded only where a person reads the log. */
async function textFormat(): Promise<(line: string) => string> {
  const { textLines } = await import('./http/logging/text-line.ts');
  return textLines(process.stdout.isTTY && process.stdout.hasColors());
}
