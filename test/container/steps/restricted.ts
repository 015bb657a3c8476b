import { equal } from 'node:assert/strict';
import type { ChangeAnswer } from '../../kernel/support/answers.ts';
import { Instance } from '../support/instance.ts';
import { expectConfined, expectNotWritable, expectRefused, expectTable, expectUnavailable } from './expect.ts';
import type { Step } from './step.ts';

/** The options of the README. By default, Podman mounts more tmpfs in a read-only container than Docker does. */
const OPTIONS = ['--cap-drop=ALL', '--cap-add=NET_ADMIN', '--read-only', '--security-opt=no-new-privileges', '--read-only-tmpfs=false'];

const NO_SETTING = new RegExp(`^None of \\d+ settings can be written: ${readOnly('\\w+')}`);
const NO_BUCKETS = new RegExp(`^${readOnly('buckets')}`);

export const RESTRICTED_STEPS: Readonly<Record<string, Step>> = {
  'with the fewest privileges it reads, and reports which settings cannot be written and why': async ({ runc }) => {
    const instance = await (await Instance.run(runc, 'restricted', ['--network', 'host', ...OPTIONS])).firstToken();
    equal((await instance.probe('/healthz')).status, 200);
    await expectConfined(instance);
    await expectTable(instance);
    await expectUnavailable(instance, { 'settings.write': NO_SETTING, 'buckets.write': NO_BUCKETS, persist: /EROFS/ });
    await expectNotWritable(instance, 'max', /nf_conntrack_max.*EROFS/);
    await expectNotWritable(instance, 'buckets', /EROFS/);
    await expectRefused(instance, 'SETTING_NOT_WRITABLE');
    await instance.remove('--volumes');
    return undefined;
  },

  'in its own network namespace it changes per-namespace settings, and reports that max belongs to the host': async ({ runc }) => {
    const args = ['--network', 'none', '--security-opt=unmask=/proc/sys', ...OPTIONS];
    const instance = await (await Instance.run(runc, 'apart', args)).firstToken();
    await expectNotWritable(instance, 'max', /its mode is 0444.*child network namespace/);
    const { outcome } = await instance.json<ChangeAnswer>('PATCH', '/api/v1/settings', { settings: { udp_timeout: 31 } });
    equal(outcome, 'applied');
    equal(await instance.exec('cat', '/proc/sys/net/netfilter/nf_conntrack_udp_timeout'), '31\n');
    await expectRefused(instance, 'SETTING_NOT_WRITABLE');
    await instance.remove('--volumes');
    return undefined;
  },
};

/** The file, the kernel's error, and the option that makes it writable. */
function readOnly(name: string): string {
  return `/proc/sys/net/netfilter/nf_conntrack_${name} cannot be written: read-only file system \\(EROFS\\)\\. .* unmask=/proc/sys`;
}
