import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { join } from 'node:path';
import { createApp } from '../app.module.ts';
import { ApplyAtStart } from '../application/change/apply-at-start.ts';
import { JournalIntegrity } from '../application/change/journal-integrity.ts';
import { RevertUnconfirmed } from '../application/change/revert-unconfirmed.ts';
import { Readiness } from '../application/change/readiness.ts';
import { TakeSample } from '../application/table/take-sample.ts';
import { WatchDrift } from '../application/change/watch-drift.ts';
import { KernelEntries } from '../application/ports/kernel.ts';
import { Tokens } from '../application/ports/tokens.ts';
import type { Config } from '../config/config.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { ErrorCode } from '../domain/error-codes.ts';
import { SCOPES } from '../domain/token.ts';
import { keepCertificate } from './keep-certificate.ts';
import { listen } from './listen.ts';

const YEAR_MILLISECONDS = 365 * 86_400_000;

/** Runs until SIGINT or SIGTERM; says on standard output where everything is. */
export async function serve(config: Config): Promise<void> {
  const app = await createApp(config);
  const secret = config.firstToken ? firstToken(app) : undefined;
  const notReady = await whyNotReady(app);
  const applyAtStart = config.applyAtStart ? applyOnce(app) : () => Promise.resolve();
  await applyAtStart();
  const stopSocket = await listen(app, config);
  process.stdout.write(`${greeting(config, config.tcp ? await app.getUrl() : 'http://localhost', secret, notReady)}\n`);
  app.get(KernelEntries).warmUp();
  if (config.tls) keepCertificate(app, config.tls);
  keepWatch(app, config.sampleSeconds, applyAtStart);
  void verifyJournal(app);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(app, stopSocket));
}

/** Requests under way are answered; a client that takes its answer slower than this is not waited for. */
const PATIENCE_MILLISECONDS = 5_000;

async function stop(app: NestFastifyApplication, stopSocket: () => Promise<void>): Promise<void> {
  const { server } = app.getHttpAdapter().getInstance();
  const patience = setTimeout(() => {
    server.closeAllConnections();
  }, PATIENCE_MILLISECONDS);
  await stopSocket();
  await app.close();
  clearTimeout(patience);
}

/** They run in the background of every service; what keeps failing in the same way is logged once. */
function keepWatch(app: NestFastifyApplication, sampleSeconds: number, applyAtStart: () => Promise<void>): void {
  const { log, server } = app.getHttpAdapter().getInstance();
  const every = (milliseconds: number, what: string, run: () => Promise<void>): void => {
    const stop = repeat(milliseconds, run, (error) => {
      log.error({ err: error }, `${what} failed and will be tried again`);
    });
    server.once('close', stop);
  };
  every(1_000, 'reverting changes that were not confirmed', () => app.get(RevertUnconfirmed).run());
  every(10_000, 'comparing live values with the recorded ones', async () => {
    // Before: else what the reboot undid would be recorded as somebody's doing.
    await applyAtStart();
    await app.get(WatchDrift).run();
  });
  every(60_000, 'storing when tokens were last used', () => {
    app.get(Tokens).storeUses();
    return Promise.resolve();
  });
  if (sampleSeconds > 0) every(sampleSeconds * 1_000, 'sampling the table', () => app.get(TakeSample).run());
}

/** Again and again until connection tracking and the journal are there; then once, however it ends: the record, or the log, says how. */
function applyOnce(app: NestFastifyApplication): () => Promise<void> {
  const { log } = app.getHttpAdapter().getInstance();
  let isDone = false;
  return async () => {
    if (isDone) return;
    try {
      const change = await app.get(ApplyAtStart).run();
      isDone = true;
      if (change) log.info(`change ${change.id} set again what a reboot had undone: ${change.outcome}`);
    } catch (error) {
      isDone = !(error instanceof ConntrackError) || !NOT_YET.includes(error.code);
      if (isDone) log.error({ err: error }, 'what a reboot undid was not set again');
    }
  };
}

const NOT_YET: readonly ErrorCode[] = ['CONNTRACK_NOT_LOADED', 'JOURNAL_UNAVAILABLE'];

/** Its tail is verified already; all of it takes a while. */
async function verifyJournal(app: NestFastifyApplication): Promise<void> {
  const { log } = app.getHttpAdapter().getInstance();
  try {
    const trust = app.get(JournalIntegrity);
    await trust.verify();
    trust.requireIntact();
  } catch (error) {
    log.error({ err: error }, 'the journal cannot be trusted: changes are refused');
  }
}

/** Runs now and again and again, never two at once. `failed` is told of a failure unless the last run failed in the same way. */
function repeat(milliseconds: number, run: () => Promise<void>, failed: (error: unknown) => void): () => void {
  let running = false;
  let last = '';
  const once = async (): Promise<void> => {
    running = true;
    try {
      await run();
      last = '';
    } catch (error) {
      if (String(error) !== last) failed(error);
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

/** Where the tokens cannot be used, the greeting says that the service is not ready and why. */
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

/** Settles what a dead process left open before the first request, and says what is missing without refusing to start. */
async function whyNotReady(app: NestFastifyApplication): Promise<string | undefined> {
  try {
    await app.get(Readiness).check();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    return `${error.message} ${error.details.remedy ?? ''}`.trim();
  }
}

function greeting(config: Config, url: string, secret: string | undefined, notReady: string | undefined): string {
  const lines = [
    `conntrack-api ${config.simulated ? `on a SIMULATED kernel tree (${config.root}): nothing here touches this host` : 'on this host'}`,
    `  API          ${url}/api/v1`,
    `  Swagger UI   ${url}/docs`,
    `  data file    ${join(config.dataDir, 'conntrack-api.sqlite3')}`,
  ];
  if (config.socket) lines.push(`  unix socket  curl --unix-socket ${config.socket.path} http://localhost/api/v1/table`);
  if (notReady) lines.push(`  NOT READY    ${notReady}`);
  if (secret) {
    lines.push(
      `  admin token  ${secret}`,
      '               shown only now; make others with: conntrack-api token create',
      `  try          curl -H "Authorization: Bearer ${secret}" ${url}/api/v1/table`,
    );
  }
  return lines.join('\n');
}
