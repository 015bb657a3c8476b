import type { Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from '../app.module.ts';
import { ApplyAtStart } from '../application/change/apply-at-start.ts';
import { ManageBlocks } from '../application/change/manage-blocks.ts';
import { JournalIntegrity } from '../application/change/journal-integrity.ts';
import { RevertUnconfirmed } from '../application/change/revert-unconfirmed.ts';
import { Readiness } from '../application/change/readiness.ts';
import { GuardCapacity } from '../application/guard/guard-capacity.ts';
import { Reachability } from '../application/reachability.ts';
import { retryWhileLocked } from '../application/retry-while-locked.ts';
import { TakeSample } from '../application/table/take-sample.ts';
import { RestoreDesired } from '../application/desired/restore-desired.ts';
import { WatchDrift } from '../application/change/watch-drift.ts';
import { DeliverWebhooks } from '../application/webhooks/deliver-webhooks.ts';
import { WatchFindings } from '../application/webhooks/watch-findings.ts';
import type { Clock } from '../application/ports/clock.ts';
import { BootFiles } from '../application/ports/boot-files.ts';
import { KernelCapabilities } from '../application/ports/kernel.ts';
import { ProcessMemory } from '../application/ports/process-memory.ts';
import { Tokens } from '../application/ports/tokens.ts';
import { packageVersion, type Config } from '../config/config.ts';
import type { Capability } from '../domain/capabilities.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { ErrorCode } from '../domain/error-codes.ts';
import { SCOPES } from '../domain/token.ts';
import { exemptPort, type Exemption } from './exempt-port.ts';
import { greeting } from './greeting.ts';
import { keepCertificate } from './keep-certificate.ts';
import { listen } from './listen.ts';
import { requireMountedHost } from './mounted-root.ts';

const YEAR_MILLISECONDS = 365 * 86_400_000;

/** What distinguishes the demo. */
export interface Staging {
  readonly clock: Clock;
  /** Adapters that replace those of the host. */
  readonly providers: readonly Provider[];
  /** Called before the service listens. */
  readonly prepare: (app: NestFastifyApplication) => Promise<void>;
}

/** Runs until SIGINT or SIGTERM. Prints the addresses, the data file and a new admin token on standard output. */
export async function serve(config: Config, staging?: Staging): Promise<void> {
  if (config.rootIsHost) requireMountedHost(config.root);
  const app = await createApp(config, staging?.clock, staging?.providers);
  surviveRejections(app);
  const secret = config.firstToken ? firstToken(app) : undefined;
  const notReady = await whyNotReady(app);
  await staging?.prepare(app);
  const applyAtStart = config.applyAtStart ? applyOnce(app) : () => Promise.resolve();
  await applyAtStart();
  const stopSocket = await listen(app, config);
  try {
    await operate(app, config, { applyAtStart, isDemo: staging !== undefined, notReady, secret, stopSocket });
  } catch (error) {
    // Otherwise it would continue to listen, without its background tasks.
    await stop(app, stopSocket);
    throw error;
  }
}

interface Started {
  readonly applyAtStart: () => Promise<void>;
  readonly isDemo: boolean;
  readonly notReady: string | undefined;
  readonly secret: string | undefined;
  readonly stopSocket: () => Promise<void>;
}

/** Greets, starts the background tasks, and handles signals. The service listens already. */
async function operate(app: NestFastifyApplication, config: Config, { applyAtStart, stopSocket, ...started }: Started): Promise<void> {
  const exemption = exemptPort(app, config);
  exemption?.ensure();
  const { capabilities, socket } = app.get(Reachability);
  const text = greeting(config, {
    ...started,
    url: config.tcp ? await app.getUrl() : 'http://localhost',
    ...(socket.available && { socketPath: socket.via }),
    version: packageVersion(),
    capabilities: [...(await capabilitiesOf(app)), ...(exemption ? capabilities : [])],
    isRoot: process.getuid?.() === 0,
    ...(process.stdout.isTTY && { columns: process.stdout.columns }),
  });
  process.stdout.write(`${text}\n`);
  if (config.tls) keepCertificate(app, config.tls);
  startBackgroundTasks(app, config.sampleSeconds, applyAtStart, exemption);
  void verifyJournal(app);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop(app, stopSocket, exemption).catch(failedToStop(app)));
}

/** None if they cannot be read now: the greeting does not keep the service from running. */
async function capabilitiesOf(app: NestFastifyApplication): Promise<readonly Capability[]> {
  try {
    const { layout, capabilities } = await app.get(KernelCapabilities).read();
    return [...capabilities, await app.get(BootFiles).capability(layout ?? 'nf_conntrack')];
  } catch (error) {
    app.getHttpAdapter().getInstance().log.warn({ err: error }, 'the capabilities of this host cannot be read now');
    return [];
  }
}

/**
 * The last resort: an unhandled rejection is a fault of this service, and a client must not be able to end the service with it. It is logged, and the service continues.
 * Changes stay safe, because each is recorded before it is made and read back after. An uncaught exception still ends the process:
 * then the code that was running has stopped halfway, and a restart settles what it left.
 */
function surviveRejections(app: NestFastifyApplication): void {
  const { log, server } = app.getHttpAdapter().getInstance();
  const onRejection = (reason: unknown): void => {
    log.error({ err: reason instanceof Error ? reason : new Error(String(reason)) }, 'a promise was rejected and nothing handled it');
  };
  process.on('unhandledRejection', onRejection);
  server.once('close', () => process.off('unhandledRejection', onRejection));
}

/** A service that cannot stop in order ends without, so that its supervisor does not wait for it. */
function failedToStop(app: NestFastifyApplication): (error: unknown) => void {
  return (error) => {
    app.getHttpAdapter().getInstance().log.error({ err: error }, 'the service could not stop in order');
    process.exit(1);
  };
}

/** How long a stopping service waits for clients that are slow to receive their responses. */
const STOP_TIMEOUT_MILLISECONDS = 5_000;

async function stop(app: NestFastifyApplication, stopSocket: () => Promise<void>, exemption?: Exemption): Promise<void> {
  const { server } = app.getHttpAdapter().getInstance();
  const timeout = setTimeout(() => {
    server.closeAllConnections();
  }, STOP_TIMEOUT_MILLISECONDS);
  try {
    await stopSocket();
    // Before the application closes: afterwards there is no worker to ask.
    await app.get(ManageBlocks).clear();
    await app.close();
  } finally {
    exemption?.remove();
  }
  clearTimeout(timeout);
}

/** While a change awaits its confirmation: a revert ends within 1 s of its deadline. */
const REVERT_CHECK_MILLISECONDS = 250;

/** A task that repeatedly fails with the same error is logged once. */
function startBackgroundTasks(
  app: NestFastifyApplication,
  sampleSeconds: number,
  applyAtStart: () => Promise<void>,
  exemption?: Exemption,
): void {
  const { log, server } = app.getHttpAdapter().getInstance();
  const every: Every = (milliseconds, what, run) => {
    const stop = repeat(milliseconds, run, (error) => {
      log.error({ err: error }, `${what} failed; retrying in ${milliseconds / 1_000} s`);
    });
    server.once('close', stop);
  };
  every(1_000, 'reverting changes that were not confirmed', async () => {
    const reverts = app.get(RevertUnconfirmed);
    while ((await reverts.run()) && server.listening) await sleep(REVERT_CHECK_MILLISECONDS);
  });
  every(1_000, 'watching the memory limit', () => {
    app.get(ProcessMemory).relieve();
    return Promise.resolve();
  });
  every(10_000, 'comparing live values with recorded values', async () => {
    // Before the comparison: otherwise the values reset by a reboot would be recorded as drift.
    await applyAtStart();
    const live = await app.get(WatchDrift).run();
    for (const change of await app.get(RestoreDesired).run(live))
      log.warn(`change ${change.id} by the desired state: ${change.outcome}. ${change.reason ?? ''}`);
  });
  // Two small reads, or none while the guard is off. At 5,000 new flows a second, 20 % of a table of 65,536 entries last 2.6 s.
  every(1_000, 'guarding the capacity', async () => {
    const change = await app.get(GuardCapacity).run();
    if (change) log.warn(`change ${change.id} by the guard: ${change.outcome}. ${change.reason ?? ''}`);
  });
  serveWebhooks(app, every);
  every(60_000, 'storing the last use of tokens', () =>
    retryWhileLocked(() => {
      app.get(Tokens).storeUses();
    }),
  );
  every(10_000, 'removing the table of expired blocks', () => app.get(ManageBlocks).tidy());
  if (exemption)
    every(10_000, 'exempting the port from connection tracking', () => {
      exemption.ensure();
      return Promise.resolve();
    });
  if (sampleSeconds > 0) every(sampleSeconds * 1_000, 'sampling the table', () => app.get(TakeSample).run());
}

type Every = (milliseconds: number, what: string, run: () => Promise<void>) => void;

function serveWebhooks(app: NestFastifyApplication, every: Every): void {
  const { log } = app.getHttpAdapter().getInstance();
  const report = (message: string, error?: unknown): void => {
    log.warn({ err: error }, message);
  };
  every(500, 'delivering to webhooks', () => app.get(DeliverWebhooks).run(report));
  every(10_000, 'comparing findings for webhooks', () => app.get(WatchFindings).run());
}

/** Retries until conntrack and the journal are available, then runs exactly once. The outcome is in the journal or, for an error, in the log. */
function applyOnce(app: NestFastifyApplication): () => Promise<void> {
  const { log } = app.getHttpAdapter().getInstance();
  let isDone = false;
  return async () => {
    if (isDone) return;
    try {
      const change = await app.get(ApplyAtStart).run();
      isDone = true;
      if (change) log.info(`change ${change.id} re-applied values after a reboot: ${change.outcome}`);
    } catch (error) {
      isDone = !(error instanceof ConntrackError) || !RETRIED.includes(error.code);
      if (isDone) log.error({ err: error }, 'values could not be re-applied after a reboot');
    }
  };
}

const RETRIED: readonly ErrorCode[] = ['CONNTRACK_NOT_LOADED', 'JOURNAL_UNAVAILABLE'];

/** Verifies all records, which can take minutes; the newest records were verified when the journal was opened. */
async function verifyJournal(app: NestFastifyApplication): Promise<void> {
  const { log } = app.getHttpAdapter().getInstance();
  try {
    const integrity = app.get(JournalIntegrity);
    for (const { id, difference } of await integrity.verify())
      log.error(`token ${id} was altered outside this service and is refused: ${difference}`);
    integrity.requireIntact();
  } catch (error) {
    log.error({ err: error }, 'the journal failed verification: changes are refused');
  }
}

/** Runs at once and then periodically, one run at a time. `onFailure` is not called for an error that repeats the last one. */
function repeat(milliseconds: number, run: () => Promise<void>, onFailure: (error: unknown) => void): () => void {
  let running = false;
  let last = '';
  const once = async (): Promise<void> => {
    running = true;
    try {
      await run();
      last = '';
    } catch (error) {
      if (String(error) !== last) onFailure(error);
      last = String(error);
    } finally {
      running = false;
    }
  };
  void once();
  const timer = setInterval(() => {
    if (!running) void once();
  }, milliseconds);
  return () => {
    clearInterval(timer);
  };
}

/** `undefined` when tokens exist, and when the journal is unavailable: the greeting then reports why the service is not ready. */
function firstToken(app: NestFastifyApplication): string | undefined {
  const tokens = app.get(Tokens);
  try {
    if (tokens.list().length > 0) return undefined;
    return tokens.create('first-admin', SCOPES, new Date(Date.now() + YEAR_MILLISECONDS)).secret;
  } catch (error) {
    if (error instanceof ConntrackError) return undefined;
    throw error;
  }
}

/** Recovers changes that a dead process left open, before the first request. A service that is not ready starts nevertheless. */
async function whyNotReady(app: NestFastifyApplication): Promise<string | undefined> {
  try {
    await app.get(Readiness).check();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    return `${error.message} ${error.details.remedy ?? ''}`.trim();
  }
}
