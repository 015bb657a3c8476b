import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../src/application/ports/journal.ts';
import type { DryRunDto } from '../../src/http/documents/plan.dto.ts';
import type { Answer } from './ask.ts';
import { startService, type Service } from './service.ts';

const NETFILTER = '/proc/sys/net/netfilter/nf_conntrack';
const MEBIBYTE_IN_KIB = 1024;

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const patch = (body: object): PromiseLike<Answer> => service.as('patch', '/api/v1/settings').send(body);
const memory = (totalMebibytes: number): string =>
  `MemTotal: ${totalMebibytes * MEBIBYTE_IN_KIB} kB\nMemAvailable: ${totalMebibytes * MEBIBYTE_IN_KIB} kB\n`;
/** The auxiliary vector of a process on a host with 4 KiB pages. */
const PAGES_OF_4_KIB = '\x06\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0';

interface Rail {
  readonly what: string;
  /** Files of the kernel tree as this host has them; the recorded table has 49 entries of at most 65536 in 16384 buckets. */
  readonly host?: Readonly<Record<string, string>>;
  readonly body: { readonly settings: Readonly<Record<string, number>>; readonly persist?: true; readonly confirmWithinSeconds?: number };
  readonly risks: readonly (readonly [code: string, level: string])[];
}

const MEMINFO = '/proc/meminfo';
const AMPLE = { [MEMINFO]: memory(16_384) };

const RAILS: readonly Rail[] = [
  { what: 'max well above the count', host: AMPLE, body: { settings: { max: 30_000 } }, risks: [] },
  { what: 'max just above the count', body: { settings: { max: 50 } }, risks: [['MAX_NEAR_COUNT', 'warning']] },
  {
    what: 'max below the count',
    body: { settings: { max: 40 } },
    risks: [
      ['MAX_BELOW_COUNT', 'acknowledge'],
      ['MAX_BELOW_COUNT_UNCONFIRMED', 'acknowledge'],
    ],
  },
  {
    what: 'max below the count, with a confirmation window',
    body: { settings: { max: 40 }, confirmWithinSeconds: 60 },
    risks: [['MAX_BELOW_COUNT', 'acknowledge']],
  },
  {
    what: 'a full table of more than a quarter of memory',
    host: { [MEMINFO]: memory(128) },
    body: { settings: { max: 100_000, buckets: 65_536 } },
    risks: [['MAX_MEMORY', 'acknowledge']],
  },
  {
    what: 'a full table of more than 60 % of memory',
    host: { [MEMINFO]: memory(64) },
    body: { settings: { max: 100_000, buckets: 65_536 } },
    risks: [['MAX_MEMORY', 'refused']],
  },
  {
    what: 'a larger table where memory cannot be read',
    body: { settings: { max: 70_000, buckets: 65_536 } },
    risks: [['MAX_MEMORY_UNKNOWN', 'warning']],
  },
  {
    what: 'buckets of more than a tenth of the memory available',
    host: { [MEMINFO]: memory(32) },
    body: { settings: { buckets: 524_288 } },
    risks: [['BUCKETS_MEMORY', 'refused']],
  },
  {
    what: 'buckets that are no whole pages',
    host: { ...AMPLE, '/proc/self/auxv': PAGES_OF_4_KIB },
    body: { settings: { buckets: 65_000 } },
    risks: [['BUCKETS_ROUNDED', 'information']],
  },
  {
    what: 'more than 2 entries a bucket',
    host: AMPLE,
    body: { settings: { max: 60_000 } },
    risks: [['CHAIN_LENGTH', 'warning']],
  },
  {
    what: 'more than 4 entries a bucket',
    host: AMPLE,
    body: { settings: { max: 131_072 } },
    risks: [['CHAIN_LENGTH', 'acknowledge']],
  },
  {
    what: 'a resize of a large table',
    host: { ...AMPLE, [`${NETFILTER}_count`]: '150000\n' },
    body: { settings: { buckets: 65_536 } },
    risks: [['RESIZE_STALL', 'acknowledge']],
  },
  {
    what: 'a resize where the count cannot be read',
    host: { ...AMPLE, [`${NETFILTER}_count`]: 'garbage\n', '/proc/slabinfo': '' },
    body: { settings: { buckets: 65_536 } },
    risks: [['RESIZE_UNKNOWN_COUNT', 'warning']],
  },
  {
    what: 'a resize of a table that other network namespaces fill',
    host: { ...AMPLE, '/proc/slabinfo': slab(150_000) },
    body: { settings: { buckets: 131_072 } },
    risks: [['RESIZE_STALL', 'acknowledge']],
  },
  {
    what: 'a lower max that other network namespaces may exceed',
    host: { ...AMPLE, '/proc/slabinfo': slab(150_000) },
    body: { settings: { max: 1_000 } },
    risks: [
      ['MAX_BELOW_COUNT_UNKNOWN', 'acknowledge'],
      ['CHAIN_LENGTH', 'warning'],
    ],
  },
  {
    what: 'a short timeout of established flows',
    body: { settings: { tcp_timeout_established: 3_600 } },
    risks: [['TIMEOUT_BELOW_RFC5382', 'warning']],
  },
  {
    what: 'a very short timeout of established flows',
    body: { settings: { tcp_timeout_established: 59 } },
    risks: [['TIMEOUT_BELOW_RFC5382', 'acknowledge']],
  },
  {
    what: 'persisting what a later file overrides',
    host: { '/etc/sysctl.d/99-zzz-other.conf': 'net.netfilter.nf_conntrack_udp_timeout = 10\n' },
    body: { settings: { udp_timeout: 45 }, persist: true },
    risks: [['OVERRIDDEN_AT_BOOT', 'acknowledge']],
  },
];

/** The slab list while this number of entries is in use. */
function slab(active: number): string {
  return `nf_conntrack      ${active} ${active}    256   16    1 : tunables    0    0    0 : slabdata      0      0      0\n`;
}

describe.each(RAILS)('$what', ({ host = {}, body, risks }) => {
  const at = (level: string): string[] => risks.filter((risk) => risk[1] === level).map(([code]) => code);

  beforeEach(async () => {
    for (const [path, text] of Object.entries(host)) await service.tree.write(path, text);
  });

  it('is shown by a dry run, whatever its risks', async () => {
    const { status, body: plan } = await patch({ ...body, dryRun: true });
    expect(status).toBe(200);
    expect((plan as DryRunDto).risks.map(({ code, level }) => [code, level])).toEqual(risks);
  });

  it('is carried out, or refused with the same plan', async () => {
    const { body: shown } = await patch({ ...body, dryRun: true });
    const { status, body: response } = await patch(body);
    const code = at('refused').length > 0 ? 'RISK_REFUSED' : at('acknowledge').length > 0 ? 'RISK_UNACKNOWLEDGED' : undefined;
    expect([status, (response as { code?: string }).code]).toEqual(code === undefined ? [200, undefined] : [422, code]);
    if (code !== undefined) expect({ dryRun: true, ...(response as { plan: object }).plan }).toEqual(shown);
  });

  it('is carried out with exactly its risks acknowledged, and refused with one fewer', async () => {
    const acknowledge = at('acknowledge');
    for (const missing of acknowledge) {
      const { status } = await patch({ ...body, acknowledge: acknowledge.filter((code) => code !== missing) });
      expect(status).toBe(422);
    }
    const { status, body: response } = await patch({ ...body, acknowledge });
    expect(status).toBe(at('refused').length > 0 ? 422 : 200);
    if (status === 200) expect((response as { acknowledged: string[] }).acknowledged).toEqual(acknowledge);
  });
});

describe('a dry run', () => {
  it('shows the steps in order, the values that the kernel will report, the boot files and the next boot', async () => {
    await service.tree.write('/proc/self/auxv', PAGES_OF_4_KIB);
    const { body } = await patch({ settings: { max: 100_000, buckets: 65_000 }, persist: true, dryRun: true });
    const { steps, files, atNextBoot, dryRun } = body as DryRunDto;
    expect(dryRun).toBe(true);
    expect(steps).toEqual([
      { name: 'buckets', before: 16_384, requested: 65_000, expected: 65_024 },
      { name: 'max', before: 65_536, requested: 100_000, expected: 100_000 },
    ]);
    expect(files.map(({ path, before }) => [path, before])).toContainEqual(['/etc/sysctl.d/99-zz-conntrack-api.conf', null]);
    expect(files.some(({ after }) => after?.includes('nf_conntrack_max = 100000'))).toBe(true);
    expect(atNextBoot).toMatchObject({ buckets: 65_024, max: 100_000 });
  });

  it('changes nothing on the host and records nothing', async () => {
    await patch({ settings: { udp_timeout: 45 }, persist: true });
    const before = await everything();
    for (const [method, path, body] of [
      ['patch', '/api/v1/settings', { settings: { udp_timeout: 60 }, persist: true, confirmWithinSeconds: 60 }],
      ['post', '/api/v1/changes/1/rollback', {}],
    ] as const) {
      const { status, body: plan } = await service.as(method, path).send({ ...body, dryRun: true });
      expect([status, (plan as DryRunDto).steps.map(({ name }) => name)]).toEqual([200, ['udp_timeout']]);
    }
    expect(await everything()).toEqual(before);
  });

  it('has the same checks and needs the same scopes', async () => {
    const refused = async (body: object): Promise<string> => ((await patch({ ...body, dryRun: true })).body as { code: string }).code;
    expect(await refused({ settings: { nonsense: 1 } })).toBe('SETTING_UNKNOWN');
    expect(await refused({ settings: { max: 0 } })).toBe('VALUE_OUT_OF_RANGE');
    expect(await refused({})).toBe('INVALID_REQUEST');
    const body = { settings: { udp_timeout: 45 }, persist: true, dryRun: true };
    await service.raw('patch', '/api/v1/settings', service.token('table:read')).send(body).expect(403);
    await service.raw('patch', '/api/v1/settings', service.token('settings:write')).send(body).expect(403);
  });
});

it('an unlimited max can be restored by acknowledging the risk', async () => {
  await service.tree.write(MEMINFO, memory(16_384));
  await service.tree.write(`${NETFILTER}_max`, '0\n');
  await patch({ settings: { max: 30_000 } });
  const { status, body } = await service.as('post', '/api/v1/changes/1/rollback');
  expect([status, (body as { plan: DryRunDto }).plan.risks.map(({ code }) => code)]).toEqual([422, ['MAX_UNLIMITED']]);
  await service
    .as('post', '/api/v1/changes/1/rollback')
    .send({ acknowledge: ['MAX_UNLIMITED'] })
    .expect(200);
  expect(await service.tree.read(`${NETFILTER}_max`)).toBe('0\n');
});

/** Every file of the tree with its bytes, and the head of the journal. */
async function everything(): Promise<object> {
  const entries = await readdir(service.tree.root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(files.map(async (path) => [path, await readFile(path, 'latin1')] as const));
  return { files: Object.fromEntries(contents), head: service.app.get(Journal).head() };
}
