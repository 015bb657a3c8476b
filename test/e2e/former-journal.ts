import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import SqliteDatabase from 'better-sqlite3';
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.module.ts';
import { Journal } from '../../src/application/ports/journal.ts';
import { Tokens } from '../../src/application/ports/tokens.ts';
import { SCOPES, type Token } from '../../src/domain/token.ts';
import { SettableClock } from '../integration/journal/settable-clock.ts';
import { copyKernelTree, type KernelTree } from '../support/kernel-tree.ts';
import { ask, toText, type Ask, type Method } from './ask.ts';

/** A response of commit 56e428d about a change, or a part of one. */
export type OldDocument = Readonly<Record<string, unknown>>;

export interface Expected {
  readonly head: { readonly sequence: number; readonly hash: string };
  readonly verify: object;
  readonly now: string;
  readonly host: { readonly tree: 'nf_conntrack'; readonly bootId: string; readonly files: Readonly<Record<string, string>> };
  readonly rollback: { readonly change: number; readonly recorded: OldDocument };
  readonly awaitingConfirmation: readonly OldDocument[];
  readonly rollbacks: readonly {
    readonly id: number;
    readonly status: number;
    readonly code?: string;
    readonly conflicts?: readonly { readonly subject: string; readonly movedBy?: number }[];
  }[];
  readonly drift: readonly object[];
  readonly keyed: readonly {
    readonly id: number;
    readonly key: string;
    readonly token: string;
    readonly method: string;
    readonly path: string;
    readonly body: Readonly<Record<string, unknown>>;
  }[];
  readonly records: number;
  readonly changes: readonly OldDocument[];
  readonly deletions: readonly OldDocument[];
}

interface ChangePage {
  readonly items: readonly { readonly id: number }[];
  readonly nextCursor?: string;
}

export const FIXTURE = join(import.meta.dirname, '../fixtures/journal-56e428d');
export const DATABASE = 'conntrack-api.sqlite3';
export const CHANGES = '/api/v1/changes';

const TOKEN_IDS: Readonly<Record<string, string>> = { 'night-shift': 'a1b2c3d4e5f6', deploy: '0f1e2d3c4b5a' };

/** The fixture's database holds no tokens: each name is the secret of the token that had it. */
function tokenNamed(name: string): Token {
  const never = { expiresAt: null, revokedAt: null, succeeds: null, lastUsedAt: null, identity: null };
  return { id: TOKEN_IDS[name] ?? '', name, scopes: SCOPES, createdAt: new Date(0), ...never };
}

export const expected = JSON.parse(await readFile(join(FIXTURE, 'expected.json'), 'utf8')) as Expected;
/** A copy of the fixture's data directory. */
export async function copyOfData(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'conntrack-api-former-'));
  await cp(join(FIXTURE, 'data'), directory, { recursive: true });
  await chmod(directory, 0o700);
  await chmod(join(directory, DATABASE), 0o600);
  return directory;
}

/** Today's service over the fixture's journal and host. */
export class FormerJournalService {
  private readonly app: NestFastifyApplication;
  private readonly tree: KernelTree;
  readonly dataDir: string;

  private constructor(app: NestFastifyApplication, tree: KernelTree, dataDir: string) {
    this.app = app;
    this.tree = tree;
    this.dataDir = dataDir;
  }

  static async start(): Promise<FormerJournalService> {
    const dataDir = await copyOfData();
    const tree = await copyKernelTree(expected.host.tree);
    for (const [path, text] of Object.entries(expected.host.files)) await tree.write(path, text);
    const edge = { host: '127.0.0.1', port: 0, simulated: false, allowedHosts: [], allowedOrigins: [], rateLimit: 0, tcp: true } as const;
    const flags = { requireIfMatch: false, namespaces: false, openMetrics: false, applyAtStart: false, firstToken: false } as const;
    const config = { ...edge, ...flags, logLevel: 'silent', sampleSeconds: 0, dataDir, root: tree.root } as const;
    const app = await createApp(config, new SettableClock(expected.now));
    app.get(Tokens).authenticate = tokenNamed;
    return new FormerJournalService(app, tree, dataDir);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.tree.remove();
    await rm(this.dataDir, { recursive: true });
  }

  get journal(): Journal {
    return this.app.get(Journal);
  }

  request(method: Method, path: string, token = 'night-shift'): Ask {
    return ask(this.app.getHttpServer(), method, path).set('authorization', `Bearer ${token}`);
  }

  async get(path: string): Promise<unknown> {
    return (await this.request('get', path).expect(200)).body;
  }

  async list(query = ''): Promise<ChangePage['items']> {
    const items: { readonly id: number }[] = [];
    let cursor = '';
    do {
      const page = (await this.get(`${CHANGES}?limit=25${query}${cursor}`)) as ChangePage;
      items.push(...page.items);
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    return items;
  }

  async export(): Promise<string> {
    return String((await this.request('get', `${CHANGES}/export`).buffer().parse(toText)).body);
  }

  readFile(path: string): Promise<string> {
    return this.tree.read(path);
  }
}

/** Every record as the database file holds it, without this product's code. */
export function storedRecords(dataDir: string): readonly { readonly hash: string; readonly content: string }[] {
  const database = new SqliteDatabase(join(dataDir, DATABASE), { readonly: true });
  try {
    return database.prepare<[], { hash: string; content: string }>('SELECT hash, content FROM record ORDER BY sequence').all();
  } finally {
    database.close();
  }
}
