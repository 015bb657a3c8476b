import * as fc from 'fast-check';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Method } from './ask.ts';
import { startService, type Service } from './service.ts';

type Content = string | undefined;

const LEGACY = '/proc/sys/net/ipv4/netfilter/ip_conntrack';
const MODERN = '/proc/sys/net/netfilter/nf_conntrack';
const FILES = {
  ip_conntrack: {
    max: `${LEGACY}_max`,
    alias: '/proc/sys/net/ipv4/ip_conntrack_max',
    count: `${LEGACY}_count`,
    buckets: `${LEGACY}_buckets`,
    hashsize: '/sys/module/ip_conntrack/parameters/hashsize',
    dump: '/proc/net/ip_conntrack',
    counters: '/proc/net/stat/ip_conntrack',
    log: '/var/log/dmesg',
  },
  nf_conntrack: {
    max: `${MODERN}_max`,
    alias: '/proc/sys/net/nf_conntrack_max',
    count: `${MODERN}_count`,
    buckets: `${MODERN}_buckets`,
    hashsize: '/sys/module/nf_conntrack/parameters/hashsize',
    dump: '/proc/net/nf_conntrack',
    counters: '/proc/net/stat/nf_conntrack',
    log: '/proc/slabinfo',
  },
} as const;
type Layout = keyof typeof FILES;
type Part = keyof (typeof FILES)['ip_conntrack'];
const PARTS = Object.keys(FILES.ip_conntrack) as Part[];
const DECIDING: readonly Part[] = ['max', 'alias', 'count', 'buckets', 'hashsize', 'dump'];

const GET = [
  ...[
    '/table',
    '/table/counters',
    '/table/history',
    '/table/sizing?connections=5000',
    '/table/sizing?basis=peak',
    '/settings',
    '/settings/max',
  ],
  ...[
    '/settings/buckets',
    '/settings/udp_timeout',
    '/entries?limit=5',
    '/entries/summary',
    '/boot',
    '/capabilities',
    '/namespaces',
    '/changes',
  ],
];
const dry = (body: object): readonly [Method, string, object] => ['patch', '/api/v1/settings', { ...body, dryRun: true }];
const REQUESTS: readonly (readonly [Method, string, object?])[] = [
  ...GET.map((path) => ['get', `/api/v1${path}`] as const),
  ['get', '/metrics'],
  ...[{ max: 70_000 }, { max: 70_000, buckets: 16_384 }, { buckets: 16_384 }, { udp_timeout: 45 }].flatMap((settings) => [
    dry({ settings }),
    dry({ settings, persist: true }),
    dry({ settings, persist: true, confirmWithinSeconds: 60 }),
  ]),
  dry({ persist: true }),
  ['post', '/api/v1/settings/unpersist', { dryRun: true }],
];

/** Those that the set of files decides; the others are sent in the random runs only. */
const DECIDED = REQUESTS.filter(
  ([, path, body]) => /\/(table|settings|boot|metrics)$/.test(path) && (body === undefined || 'persist' in body),
);
const RUNS = Number(process.env['SUBSET_RUNS'] ?? 15);

/** A response is 2xx, refuses for a reason of the request or of the host, and never reports a fault of the service. */
async function requireAccurate(service: Service, what: string, requests = REQUESTS): Promise<void> {
  for (const [method, path, body] of requests) {
    const { status, body: problem } = await service.as(method, path).send(body);
    const { code, detail } = problem as { code?: string; detail?: string };
    const isAccurate = status < 300 || (code !== undefined && code !== 'INTERNAL' && detail !== undefined && status !== 500);
    if (!isAccurate) throw new Error(`${what}: ${method} ${path} ${JSON.stringify(body)}: ${status} ${JSON.stringify(problem)}`);
  }
}

describe.each(['ip_conntrack', 'nf_conntrack'] as const)('a kernel with a part of the files of %s', (layout: Layout) => {
  let service: Service;
  let recorded: Readonly<Record<string, string>>;

  beforeAll(async () => {
    service = await startService(layout);
    const { body } = await service.as('get', '/api/v1/settings');
    const others = (body as { items: { name: string }[] }).items
      .map(({ name }) => `${layout === 'ip_conntrack' ? LEGACY : MODERN}_${name}`)
      .filter((path) => !(Object.values(FILES[layout]) as string[]).includes(path));
    const paths = [...Object.values(FILES[layout]), ...others];
    recorded = Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await service.tree.read(path)] as const)));
  });
  afterAll(() => service.close());

  async function expose(files: Readonly<Record<string, Content>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) await rm(join(service.tree.root, path), { force: true });
      else await service.tree.write(path, text);
    }
  }

  it('gets accurate responses for each set of files, with the numbers that can be known', { timeout: 600_000 }, async () => {
    for (let set = 0; set < 1 << DECIDING.length; set += 1) {
      // The files that decide nothing else take part in every second set.
      const present = new Set(PARTS.filter((part, bit) => (DECIDING.includes(part) ? (set & (1 << bit)) !== 0 : set % 4 < 2)));
      await expose(
        Object.fromEntries(PARTS.map((part) => [FILES[layout][part], present.has(part) ? recorded[FILES[layout][part]] : undefined])),
      );
      const what = `with ${[...present].join(', ')}`;
      await requireAccurate(service, what, DECIDED);

      const { status, body } = await service.as('get', '/api/v1/table');
      expect(status, what).toBe(200);
      const { buckets, max } = body as { buckets?: number; max?: number };
      const isLogged = layout === 'ip_conntrack' && present.has('log');
      expect(buckets !== undefined, what).toBe(present.has('buckets') || present.has('hashsize') || isLogged);
      expect(max !== undefined, what).toBe(present.has('max') || present.has('alias') || isLogged);
      if (present.has('max') || present.has('alias')) {
        const planned = await service.as('patch', '/api/v1/settings').send({ settings: { max: 70_000 }, persist: true, dryRun: true });
        // A modern kernel has the second path in the initial network namespace only, and boot files do not set values of another one.
        const isChild = layout === 'nf_conntrack' && !present.has('alias');
        expect(planned.status, `${what}: ${planned.text}`).toBe(isChild ? 501 : 200);
        if (!isChild) expect((planned.body as { files: object[] }).files, what).not.toEqual([]);
      }
    }
    await expose(recorded);
  });

  it('gets accurate responses for any content of any of its files', { timeout: 600_000 }, async () => {
    const content = fc.constantFrom('recorded', 'absent', '', '0\n', '-1\n', 'garbage\n', '99999999999999999999\n');
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: Object.keys(recorded).length, maxLength: Object.keys(recorded).length }),
        async (contents) => {
          const files = Object.entries(recorded).map(([path, text], index) => [path, contentOf(contents[index] ?? '', text)] as const);
          await expose(Object.fromEntries(files));
          await requireAccurate(service, JSON.stringify(contents));
        },
      ),
      { numRuns: RUNS },
    );
    await expose(recorded);
  });
});

function contentOf(kind: string, recorded: string): Content {
  return kind === 'recorded' ? recorded : kind === 'absent' ? undefined : kind;
}
