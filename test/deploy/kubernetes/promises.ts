import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { IDaemonSet } from 'kubernetes-models/apps/v1';
import { DEPLOY, type Manifest, type VARIANTS } from './render.ts';

type Variant = (typeof VARIANTS)[number];

const NET_ADMIN_ALONE = {
  runAsUser: 0,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
};
const SECURITY_CONTEXT: Readonly<Record<Variant, object>> = {
  observe: NET_ADMIN_ALONE,
  'change-crun': NET_ADMIN_ALONE,
  'change-privileged': { runAsUser: 0, privileged: true, readOnlyRootFilesystem: true },
};
const ETC = ['/etc/sysctl.d', '/etc/modprobe.d', '/etc/modules-load.d'];
const { version } = JSON.parse(readFileSync(join(DEPLOY, '..', '..', 'package.json'), 'utf8')) as { readonly version: string };

/** What the schema has no word for, as far as it does not hold. */
export function promises(variant: Variant, manifest: Manifest): readonly string[] {
  const { spec } = manifest as unknown as IDaemonSet;
  const pod = spec?.template.spec;
  const container = pod?.containers[0];
  const mounts = new Map(container?.volumeMounts?.map(({ mountPath, readOnly }) => [mountPath, readOnly === true]));
  const probes = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe].map((probe) => probe?.httpGet);
  const data = pod?.volumes?.find(({ name }) => name === 'data')?.hostPath;
  const held: Readonly<Record<string, boolean>> = {
    'one container': pod?.containers.length === 1 && pod.initContainers === undefined,
    'of this version': container?.image === `conntrack-api:${version}`,
    'the network of the node': pod?.hostNetwork === true && pod.hostPID === undefined && pod.hostIPC === undefined,
    'no account of the cluster': pod?.automountServiceAccountToken === false && pod.serviceAccountName === undefined,
    'every node': isDeepStrictEqual(pod?.tolerations, [{ operator: 'Exists' }]),
    'seccomp of the runtime': pod?.securityContext?.seccompProfile?.type === 'RuntimeDefault',
    'no more rights than it says': isDeepStrictEqual(container?.securityContext, SECURITY_CONTEXT[variant]),
    'probes on loopback, where it listens': isDeepStrictEqual(
      probes,
      ['/healthz', '/healthz', '/readyz'].map((path) => ({ host: '127.0.0.1', port: 8477, path })),
    ),
    'bounded memory': container?.resources?.limits?.['memory'] !== undefined && container.resources.requests?.['memory'] !== undefined,
    'a record that outlives the pod': data?.path === '/var/lib/conntrack-api' && mounts.get(data.path) === false,
    'boot files written only where settings are': ETC.every((path) => mounts.get(path) === (variant === 'observe')),
    'settings of the node mounted where crun allows it': mounts.has('/proc/sys/net/netfilter') === (variant === 'change-crun'),
    'a selector that selects it': isDeepStrictEqual(spec?.selector.matchLabels, spec?.template.metadata?.labels),
  };
  return Object.keys(held).filter((name) => held[name] !== true);
}
