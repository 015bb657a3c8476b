import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_TERMS } from '../../src/application/change/change-terms.ts';
import { CALLER, openApp, type App } from '../support/app.ts';

let app: App;
beforeEach(async () => {
  app = await openApp();
});
afterEach(() => app.close());

const risksOf = async (settings: Record<string, number>, persist = false): Promise<readonly string[]> => {
  const { risks } = await app.change.preview({ settings, persist, reason: null });
  return risks.filter(({ code }) => code === 'OTHER_WRITER').map(({ setting, level, message }) => `${setting} ${level}: ${message}`);
};

async function enable(unit: string, text: string): Promise<void> {
  await app.tree.write(`usr/lib/systemd/system/${unit}`, text);
  await app.tree.write(`etc/systemd/system/multi-user.target.wants/${unit}`, text);
}

describe('a plan', () => {
  it('warns of a unit that sets the same setting to another value, before the change', async () => {
    await enable('tune.service', '[Service]\nExecStart=/sbin/sysctl -w net.netfilter.nf_conntrack_udp_timeout=9\n');
    for (const persist of [false, true])
      expect(await risksOf({ udp_timeout: 45 }, persist)).toEqual([
        expect.stringMatching(/^udp_timeout warning: tune\.service is enabled and also sets udp_timeout: \S+tune\.service:2 \(9\)/),
      ]);
    expect(await risksOf({ udp_timeout: 9 })).toEqual([]);
    expect(await risksOf({ icmp_timeout: 45 })).toEqual([]);
  });

  it('warns of kube-proxy while it runs', async () => {
    await app.tree.write('proc/42/comm', 'k3s-server\n');
    await app.tree.write('proc/42/cmdline', '/usr/local/bin/k3s\0server\0');
    expect(await risksOf({ tcp_timeout_established: 40_000 })).toEqual([
      expect.stringContaining('k3s-server is running, which contains kube-proxy'),
    ]);
    expect(await risksOf({ udp_timeout: 45 })).toEqual([]);
  });

  it('warns of firewalld if the value is not that of the next boot', async () => {
    await app.tree.write('proc/42/comm', 'firewalld\n');
    await app.tree.write('proc/42/cmdline', '/usr/bin/python3\0/usr/sbin/firewalld\0');
    expect(await risksOf({ udp_timeout: 45 })).toEqual([expect.stringContaining('firewalld is running')]);
    await app.tree.write('etc/modules-load.d/a.conf', 'nf_conntrack\n');
    expect(await risksOf({ udp_timeout: 45 }, true)).toEqual([]);
  });

  it('is applied without an acknowledgement', async () => {
    await enable('tune.service', '[Service]\nExecStart=/sbin/sysctl -w net.netfilter.nf_conntrack_udp_timeout=9\n');
    const change = await app.change.run(CALLER, { settings: { udp_timeout: 45 }, persist: false, reason: null }, PLAIN_TERMS);
    expect(change).toMatchObject({ outcome: 'applied' });
  });
});
