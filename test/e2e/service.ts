import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.module.ts';
import type { Clock } from '../../src/application/ports/clock.ts';
import { Tokens } from '../../src/application/ports/tokens.ts';
import type { Config } from '../../src/config/config.ts';
import { SCOPES, type Scope } from '../../src/domain/token.ts';
import { copyKernelTree, type KernelTree, type KernelTreeName } from '../support/kernel-tree.ts';
import { ask, type Ask, type Method } from './ask.ts';

/** The whole application over a private copy of a recorded kernel tree, with a real database, without a port. */
export interface Service {
  readonly app: NestFastifyApplication;
  readonly tree: KernelTree;
  readonly dataDir: string;
  /** Creates a token and returns its secret. */
  token(...scopes: Scope[]): string;
  /** A request with a token of every scope. */
  as(method: Method, path: string): Ask;
  /** A request without a token, or with this one. */
  raw(method: Method, path: string, secret?: string): Ask;
  /** Stops the application and starts another on the same data directory and tree. @param meanwhile changes the directory in between */
  restart(meanwhile?: (dataDir: string) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export async function startService(
  layout: KernelTreeName = 'nf_conntrack',
  options: Partial<Config> = {},
  clock?: Clock,
): Promise<Service> {
  const tree = await copyKernelTree(layout);
  const dataDir = await mkdtemp(join(tmpdir(), 'conntrack-api-e2e-'));
  const given = { host: '127.0.0.1', port: 0, simulated: false, allowedHosts: [], logLevel: 'silent', firstToken: false } as const;
  const flags = { requireIfMatch: false, namespaces: false, openMetrics: false, applyAtStart: false, sampleSeconds: 10 } as const;
  const edge = { allowedOrigins: [], rateLimit: 0, tcp: true } as const;
  const config = { ...given, ...flags, ...edge, dataDir, root: tree.root, ...options };
  let app = await createApp(config, clock);
  const token = (...scopes: Scope[]): string => app.get(Tokens).create('e2e', scopes, null).secret;
  const everything = token(...SCOPES);
  const raw = (method: Method, path: string, secret?: string): Ask => {
    const request = ask(app.getHttpServer(), method, path);
    return secret === undefined ? request : request.set('authorization', `Bearer ${secret}`);
  };
  return {
    get app() {
      return app;
    },
    tree,
    dataDir,
    token,
    raw,
    as: (method, path) => raw(method, path, everything),
    restart: async (meanwhile = () => Promise.resolve()) => {
      await app.close();
      await meanwhile(dataDir);
      app = await createApp(config, clock);
    },
    close: async () => {
      await app.close();
      await tree.remove();
      await rm(dataDir, { recursive: true });
    },
  };
}
