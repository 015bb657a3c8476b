import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Home } from './support/home.ts';
import { NetworkNamespace, SERVICE_PORT } from './support/network-namespace.ts';
import { Service } from './support/service.ts';

interface TableBody {
  readonly count: number;
  readonly findings: readonly { readonly code: string; readonly level: string; readonly message: string; readonly remedy: string }[];
}

/** Keeps the service's own connections out of the table, so that tracking is enabled and idle. */
const UNTRACKED_SERVICE = `
table inet untracked {
  chain before { type filter hook prerouting priority raw; tcp dport ${SERVICE_PORT} notrack; tcp sport ${SERVICE_PORT} notrack; }
  chain out { type filter hook output priority raw; tcp dport ${SERVICE_PORT} notrack; tcp sport ${SERVICE_PORT} notrack; }
}
`;

let home: Home;
let namespace: NetworkNamespace;
let service: Service;

beforeAll(async () => {
  home = await Home.create();
  namespace = await NetworkNamespace.create('tracked');
  service = await Service.start(namespace, home, await home.createToken(), SERVICE_PORT);
});
afterAll(async () => {
  await service.stop();
  await namespace.delete();
  await home.remove();
});
beforeEach(() => load(''));

/** Replaces the ruleset. */
async function load(rules: string): Promise<void> {
  await namespace.run('nft', ['flush', 'ruleset']);
  await namespace.run('nft', ['-f', '-'], rules);
}

async function table(of = service): Promise<TableBody & { readonly found: TableBody['findings'][number] | undefined }> {
  const { status, body } = await of.request<TableBody>('GET', '/table');
  expect(status).toBe(200);
  return { ...body, found: body.findings.find(({ code }) => code === 'NOTHING_TRACKED') };
}

describe('an empty table', () => {
  it.each([
    ['no rules', ''],
    ['rules without conntrack', 'table inet t {\nchain nat { type filter hook input priority 0; tcp dport 22 accept\n}\n}'],
    [
      'names of conntrack',
      'table inet masq {\nset redir {\ntype inet_service\n}\nchain connlimit { type filter hook input priority 0; tcp dport @redir log prefix "ct"\n}\n}',
    ],
    ['a NAT chain without rules', 'table ip t {\nchain c { type nat hook output priority -100\n}\n}'],
    ['rules that disable tracking', UNTRACKED_SERVICE],
  ])('is explained where there are %s', async (_, rules) => {
    await load(rules);
    const { count, found } = await table();
    expect(count).toBe(0);
    expect(found).toMatchObject({
      level: 'information',
      message: expect.stringContaining('no rule in this network namespace uses conntrack') as string,
    });
  });

  it.each([
    ['a chain without a hook that matches the state', 'table ip t {\nchain c {\nct state new accept\n}\n}'],
    [
      'a verdict map on the state',
      'table inet t {\nchain c { type filter hook input priority 0; ct state vmap { established : accept, invalid : drop }\n}\n}',
    ],
    ['a rule that sets the mark', 'table ip6 t {\nchain c { type filter hook input priority 0; tcp dport 9 ct mark set 7\n}\n}'],
    ['destination NAT', 'table ip t {\nchain c { type nat hook output priority -100; ip daddr 192.0.2.77 dnat to 192.0.2.1\n}\n}'],
    ['masquerading', 'table ip t {\nchain c { type nat hook postrouting priority 100; ip daddr 192.0.2.77 masquerade\n}\n}'],
    ['a redirection', 'table ip t {\nchain c { type nat hook output priority -100; tcp dport 9 redirect to :10\n}\n}'],
    ['a helper object', 'table ip t {\nct helper h {\ntype "ftp" protocol tcp;\n}\n}'],
    ['a limit of connections in a set', 'table ip t {\nset s {\ntype ipv4_addr; flags dynamic; ct count over 20\n}\n}'],
    ['a limit of connections', 'table ip t {\nchain c { type filter hook input priority 0; tcp dport 9 ct count over 20 drop\n}\n}'],
  ])('is not a problem where there is %s', async (_, rules) => {
    await load(`${UNTRACKED_SERVICE}${rules}`);
    const { count, found } = await table();
    expect(count).toBe(0);
    expect(found).toBeUndefined();
  });

  it('names a rule that starts tracking', async () => {
    const { found } = await table();
    const command = /nft '.*?'/.exec(found?.remedy ?? '')?.[0] ?? '';
    await namespace.run('sh', ['-c', command]);
    await namespace.run('ping', ['-c', '1', '192.0.2.1']);
    const tracked = await table();
    expect(tracked.count).toBeGreaterThan(0);
    expect(tracked.found).toBeUndefined();
    await namespace.run('sh', ['-c', /"(nft delete .*?)"/.exec(found?.remedy ?? '')?.[1] ?? '']);
    expect((await namespace.run('nft', ['list', 'ruleset'])).trim()).toBe('');
    await namespace.run('conntrack', ['-F']);
  });

  it('is reported as unexplained where the service may not read the rules', async () => {
    const place = { prefix: [...namespace.prefix, 'setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'] };
    const other = await Home.create();
    const unprivileged = await Service.start(place, other, await other.createToken(), SERVICE_PORT + 1);
    try {
      const { found } = await table(unprivileged);
      expect(found?.message).toMatch(/is unknown\. The rules of nftables cannot be read: .*EPERM/);
    } finally {
      await unprivileged.stop();
      await other.remove();
    }
  });
});
