import { Operator } from '../reboot/support/operator.ts';
import type { Machine } from '../reboot/support/machine.ts';
import type { Agent } from '../reboot/support/agent.ts';

const VALUES = { max: 131_072, buckets: 32_768 };
const OWN_FILES = [
  '/etc/sysctl.d/99-zz-conntrack-api.conf',
  '/etc/modprobe.d/conntrack-api.conf',
  '/etc/modules-load.d/conntrack-api.conf',
];

/** One operation of an administrator with the package; steps run in order. @throws Error if the result is not as expected */
export type Step = (machine: Machine) => Promise<void>;

export const STEPS: Readonly<Record<string, Step>> = {
  'installing the package starts the service, and the command line creates the first token': async ({ agent }) => {
    await agent.must(REMOVE_TEST_UNIT);
    await agent.must('dpkg -i /opt/product/this.deb');
    await agent.must('umask 077; conntrack-api token create --name package-test --scope all >/root/token');
    await new Operator(agent).untilServing();
    const { privileges, capabilities } = await get(agent, '/api/v1/capabilities');
    expect(privileges, 'separated');
    expect(capabilities?.find(({ name }) => name === 'persist')?.available, true);
    expect((JSON.parse(await agent.must(WHO_AM_I)) as { readonly id: string }).id, 'uid-0');
    expect((await agent.must(`setpriv --reuid=nobody --clear-groups ${WHO_AM_I}`)).includes('UNAUTHENTICATED'), true);
    expect(await agent.must('dpkg --verify conntrack-api; stat -c "%U %a" /var/lib/conntrack-api'), 'conntrack-api 700\n');
  },

  'a change is applied and persisted through the hardened units': async ({ agent }) => {
    await new Operator(agent).persist(VALUES);
    await expectLive(agent);
    expect(await agent.must(`stat -c '%u %g %a' ${OWN_FILES.join(' ')}`), '0 0 644\n'.repeat(OWN_FILES.length));
    expect(await agent.must('systemctl list-units --failed --plain --no-legend "conntrack-api*"'), '');
  },

  'nothing else can be written from inside the unit': async ({ agent }) => {
    expect(await agent.must('grep ^CapBnd "/proc/$(systemctl show -P MainPID conntrack-api)/status"'), 'CapBnd:\t0000000000001000\n');
    await mustInside(agent, 'echo 31 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout');
    await mustInside(agent, 'echo 30 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout');
    for (const path of [
      '/proc/sys/net/ipv4/ip_forward',
      '/proc/sys/kernel/sysrq',
      '/etc/sysctl.d/x.conf',
      ...OWN_FILES,
      '/usr/x',
      '/run/x',
      '/x',
    ])
      expect((await agent.shell(within(`echo 1 >${path}`))).code === 0, false, path);
    await mustInside(agent, 'test ! -w /run/conntrack-api-boot && test -w /run/conntrack-api-boot.sock');
    expect((await agent.shell('setpriv --reuid=nobody --clear-groups test -w /run/conntrack-api-boot.sock')).code, 1);
  },

  'an upgrade keeps the journal and the token': async ({ agent }) => {
    await agent.must('dpkg -i /opt/product/newer.deb');
    await new Operator(agent).untilServing();
    expect(await agent.must("dpkg-query -W -f '${Version}' conntrack-api"), NEWER_VERSION);
    // Changes of max only: on a slow machine, the drift watch may have recorded the manual writes of the step before.
    expect((await get(agent, '/api/v1/changes?setting=max')).items?.map(({ outcome }) => outcome).join(), 'applied');
    await agent.must('conntrack-api journal verify');
  },

  'after a reboot the values hold and the service runs': async (machine) => {
    await machine.reboot();
    await new Operator(machine.agent).untilServing();
    await expectLive(machine.agent);
    expect((await get(machine.agent, '/api/v1/capabilities')).capabilities?.find(({ name }) => name === 'persist')?.available, true);
  },

  'without the boot helper the service refuses to persist before it changes anything': async ({ agent }) => {
    await agent.must('systemctl stop conntrack-api-boot.socket');
    await new Operator(agent).refused({ settings: { max: 200_000 }, persist: true }, 'BOOT_FILE_NOT_WRITABLE');
    await expectLive(agent);
    await agent.must('systemctl start conntrack-api-boot.socket');
  },

  'a rollback restores the live values and the boot files': async ({ agent }) => {
    const [change] = (await get(agent, '/api/v1/changes?setting=max')).items ?? [];
    await new Operator(agent).carryOut('POST', `/api/v1/changes/${String(change?.id)}/rollback`);
    expect((await agent.must('cat /proc/sys/net/netfilter/nf_conntrack_max')).trim() === String(VALUES.max), false);
    expect(await agent.must(`ls ${OWN_FILES.join(' ')} 2>/dev/null || true`), '');
    await agent.must('conntrack-api journal verify');
  },

  'removal keeps the data, and a purge leaves nothing': async ({ agent }) => {
    await agent.must('dpkg -r conntrack-api');
    await agent.must('test -e /var/lib/conntrack-api/conntrack-api.sqlite3 && ! systemctl is-active conntrack-api.service');
    const leftByKilledWriter = '/etc/sysctl.d/.99-zz-conntrack-api.conf.0123456789abcdef.tmp';
    await agent.must(`touch ${leftByKilledWriter}; dpkg -P conntrack-api`);
    await agent.must(`test ! -e ${leftByKilledWriter}`);
    expect(await agent.must(LEFT), '');
    expect(await agent.must('systemctl list-units --all --plain --no-legend "conntrack-api*"'), '');
  },
};

export const NEWER_VERSION = '99.0.0';

/** Removes the unit of the reboot test, which shares the image; it would take precedence over the unit of the package. */
const REMOVE_TEST_UNIT = `
systemctl disable --now conntrack-api.service
rm -f /etc/systemd/system/conntrack-api.service
systemctl daemon-reload
systemctl reset-failed`;

/** Over the unix socket, without a token. */
const WHO_AM_I = `/usr/lib/conntrack-api/node -e '
require("node:http").get({ socketPath: "/run/conntrack-api/api.sock", path: "/api/v1/whoami" }, (response) => response.pipe(process.stdout))'`;

const LEFT = `
find / -xdev -name '*conntrack-api*' -not -path '/proc/*' -not -path '/var/log/*' -not -path '/var/lib/systemd/*'
grep conntrack-api /etc/passwd /etc/group /etc/shadow || true`;

interface ResponseBody {
  readonly privileges?: string;
  readonly capabilities?: readonly { readonly name: string; readonly available: boolean }[];
  readonly items?: readonly { readonly id: number; readonly outcome: string }[];
}

async function get(agent: Agent, path: string): Promise<ResponseBody> {
  const { status, body } = await agent.api('GET', path);
  expect(status, 200, body);
  return JSON.parse(body) as ResponseBody;
}

async function expectLive(agent: Agent): Promise<void> {
  const names = Object.keys(VALUES).map((name) => `/proc/sys/net/netfilter/nf_conntrack_${name}`);
  expect(await agent.must(`cat ${names.join(' ')}`), `${Object.values(VALUES).join('\n')}\n`);
}

/** Runs in the mount namespace of the service, as its user and with its capability. */
function within(script: string): string {
  const user =
    'setpriv --reuid=conntrack-api --regid=conntrack-api --init-groups --inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin';
  return `nsenter --target "$(systemctl show -P MainPID conntrack-api)" --mount ${user} --bounding-set=-all,+net_admin sh -c '${script}'`;
}

async function mustInside(agent: Agent, script: string): Promise<void> {
  await agent.must(within(script));
}

function expect(found: unknown, expected: unknown, where = ''): void {
  if (found !== expected) throw new Error(`${where} expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`.trim());
}
