import { equal, rejects } from 'node:assert/strict';
import type { Podman } from '../support/podman.ts';
import { Instance } from '../support/instance.ts';
import { writePod } from '../support/pod.ts';
import { bootFilesIn } from './composed.ts';
import { changeAndRollBack, expectConfined, expectRecord, expectRefused, expectTable, expectUnavailable } from './expect.ts';
import type { Step } from './step.ts';

const READ_ONLY = /EROFS/;
const SETTINGS = '/proc/sys/net/netfilter';
/** Other files of the node that belong to root: they must stay read-only. */
const OTHERS = '/proc/sys/kernel/core_pattern /proc/sys/net/ipv4/ip_forward /proc/sys/net/nf_conntrack_max';

export const KUBERNETES_STEPS: Readonly<Record<string, Step>> = {
  'the pod of observe reads, responds to probes, and reports what it cannot write': async ({ runc, directory }) => {
    const instance = await (await play(runc, directory, 'observe')).firstToken();
    for (const path of ['/healthz', '/readyz']) equal((await instance.probe(path)).status, 200);
    await expectConfined(instance);
    await expectTable(instance);
    await expectUnavailable(instance, { 'settings.write': READ_ONLY, 'buckets.write': READ_ONLY, persist: READ_ONLY });
    await expectRefused(instance, 'SETTING_NOT_WRITABLE');
    await end(runc, directory, 'observe');
    return undefined;
  },

  'the pod of change-privileged changes, persists and rolls back; the next pod has the journal': async ({ runc, directory }) => {
    const first = await (await play(runc, directory, 'change-privileged')).firstToken();
    await expectUnavailable(first, {});
    const ids = await changeAndRollBack(first, () => bootFilesIn(directory));
    await end(runc, directory, 'change-privileged');
    const second = (await play(runc, directory, 'change-privileged')).withTokenOf(first);
    await expectRecord(second, ids);
    await end(runc, directory, 'change-privileged');
    return undefined;
  },

  'the pod of change-crun does the same with NET_ADMIN only on crun; runc refuses the mount': async ({ runc, crun, directory }) => {
    await rejects(play(runc, directory, 'change-crun'), /cannot be mounted because it is inside \/proc/);
    await end(runc, directory, 'change-crun');
    const instance = await (await play(crun, directory, 'change-crun')).firstToken();
    await expectConfined(instance);
    await expectUnavailable(instance, {});
    equal(
      await instance.exec(
        'sh',
        '-c',
        `test -w ${SETTINGS}/nf_conntrack_max && for path in ${OTHERS}; do test ! -w $path || echo $path; done`,
      ),
      '',
    );
    await changeAndRollBack(instance, () => bootFilesIn(directory));
    await end(crun, directory, 'change-crun');
    return undefined;
  },
};

function play(podman: Podman, directory: string, variant: string): Promise<Instance> {
  return Instance.play(podman, `${variant}-conntrack-api`, (port) => writePod(directory, variant, port));
}

async function end(podman: Podman, directory: string, variant: string): Promise<void> {
  await podman.run('play', 'kube', '--down', `${directory}/${variant}.yaml`);
}
