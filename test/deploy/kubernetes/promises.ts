import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { IDaemonSet } from 'kubernetes-models/apps/v1';
import { DEPLOY, type Manifest, type VARIANTS } from './render.ts';

type Variant = (typeof VARIANTS)[number];

const NET_ADMIN_ONLY = {
  runAsUser: 0,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
};
const SECURITY_CONTEXT: Readonly<Record<Variant, object>> = {
  observe: NET_ADMIN_ONLY,
  'change-crun': NET_ADMIN_ONLY,
  'change-privileged': { runAsUser: 0, privileged: true, readOnlyRootFilesystem: true },
};
const ETC = ['/etc/sysctl.d', '/etc/modprobe.d', '/etc/modules-load.d'];
const { version } = JSON.parse(readFileSync(join(DEPLOY, '..', '..', 'package.json'), 'utf8')) as { readonly version: string };

/** Requirements that the schema cannot express. @returns those that the manifest violates */
export function violatedRequirements(variant: Variant, manifest: Manifest): readonly string[] {
  const { spec } = manifest as unknown as IDaemonSet;
  const pod = spec?.template.spec;
  const container = pod?.containers[0];
  const mounts = new Map(container?.volumeMounts?.map(({ mountPath, readOnly }) => [mountPath, readOnly === true]));
  const probes = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe].map((probe) => probe?.httpGet);
  const data = pod?.volumes?.find(({ name }) => name === 'data')?.hostPath;
  const requirements: Readonly<Record<string, boolean>> = {
    'one container': pod?.containers.length === 1 && pod.initContainers === undefined,
    'image of this version': container?.image === `conntrack-api:${version}`,
    'network of the node': pod?.hostNetwork === true && pod.hostPID === undefined && pod.hostIPC === undefined,
    'no service account token': pod?.automountServiceAccountToken === false && pod.serviceAccountName === undefined,
    'scheduled on every node': isDeepStrictEqual(pod?.tolerations, [{ operator: 'Exists' }]),
    'default seccomp profile': pod?.securityContext?.seccompProfile?.type === 'RuntimeDefault',
    'exactly the documented privileges': isDeepStrictEqual(container?.securityContext, SECURITY_CONTEXT[variant]),
    'probes on loopback': isDeepStrictEqual(
      probes,
      ['/healthz', '/healthz', '/readyz'].map((path) => ({ host: '127.0.0.1', port: 8477, path })),
    ),
    'memory request and limit':
      container?.resources?.limits?.['memory'] !== undefined && container.resources.requests?.['memory'] !== undefined,
    'a journal that survives the pod': data?.path === '/var/lib/conntrack-api' && mounts.get(data.path) === false,
    'boot files writable only if settings are': ETC.every((path) => mounts.get(path) === (variant === 'observe')),
    'settings of the node mounted in change-crun only': mounts.has('/proc/sys/net/netfilter') === (variant === 'change-crun'),
    'a selector that matches the pod': isDeepStrictEqual(spec?.selector.matchLabels, spec?.template.metadata?.labels),
  };
  return Object.keys(requirements).filter((name) => requirements[name] !== true);
}
