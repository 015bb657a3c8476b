import { Module, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authenticate } from '../../src/application/access/authenticate.ts';
import { WriteLock } from '../../src/application/change/write-lock.ts';
import { ProcessMemory } from '../../src/application/ports/process-memory.ts';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { SCOPES } from '../../src/domain/token.ts';
import { BuildInfo, CONTROLLERS, httpProviders, newAdapter, setUpHttp, type HttpOptions } from '../../src/http/http.ts';
import { openDatabase } from '../../src/journal/open-database.ts';
import { SqliteTokens } from '../../src/journal/tokens/sqlite-tokens.ts';
import { LimitedMemory } from '../../src/kernel/memory/limited-memory.ts';
import { NoIssuer } from '../../src/oidc/oidc-issuer.ts';

@Module({})
class EdgeModule {}

export interface Edge {
  readonly app: NestFastifyApplication;
  /** A token with every scope. */
  readonly secret: string;
  /** Creates another token with every scope. */
  newSecret(): string;
  revoke(secret: string): void;
  readonly dataDir: string;
  close(): Promise<void>;
}

/** The HTTP layer with real tokens over fake ports, which fail in ways that a healthy host never does. */
export async function openEdge(standIns: readonly (readonly [unknown, object])[], options: Partial<HttpOptions> = {}): Promise<Edge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'conntrack-api-edge-'));
  const database = openDatabase(dataDir);
  const clock = { now: () => new Date(), bootMilliseconds: () => 0 };
  const tokens = new SqliteTokens(database, clock);
  const plain = {
    simulated: false,
    requireIfMatch: false,
    openMetrics: false,
    allowedHosts: [],
    logLevel: 'silent',
    readDocument: () => Promise.resolve('{}'),
  };
  const everything = { ...plain, allowedOrigins: [], rateLimit: 0, ...options };
  const authenticate = { provide: Authenticate, useValue: new Authenticate(tokens, new NoIssuer(), clock) };
  const stood = portsWith(new Map([...standIns, [Tokens, tokens] as const]));
  const build = { provide: BuildInfo, useValue: new BuildInfo('0.0.0', false) };
  const memory = { provide: ProcessMemory, useValue: new LimitedMemory() };
  const providers: Provider[] = [...httpProviders(everything), authenticate, build, memory, WriteLock, ...stood];
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: EdgeModule, controllers: [...CONTROLLERS], providers },
    newAdapter(everything),
    { logger: false, abortOnError: false },
  );
  await setUpHttp(app, everything);
  return {
    app,
    dataDir,
    secret: tokens.create('everything', SCOPES, null).secret,
    newSecret: () => tokens.create('another', SCOPES, null).secret,
    revoke: (secret) => void tokens.revoke(tokens.authenticate(secret).id),
    close: async () => {
      await app.close();
      database.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Ports without a fake are empty objects: using one is an error. */
function portsWith(standIns: ReadonlyMap<unknown, object>): Provider[] {
  const wanted = CONTROLLERS.flatMap((controller) => (Reflect.getMetadata('design:paramtypes', controller) ?? []) as Type[]);
  return [...new Set(wanted)].map((provide) => ({ provide, useValue: standIns.get(provide) ?? {} }));
}
