import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IDaemonSet } from 'kubernetes-models/apps/v1';
import { stringify } from 'yaml';
import { render } from '../../deploy/kubernetes/render.ts';
import { hostDirectory } from './host-directory.ts';
import { IMAGE } from './instance.ts';

/** Paths of the kernel are not replaced. */
const KERNEL = '/proc/';

/**
 * Writes the pod of a variant's DaemonSet for `podman play kube`. @returns its path
 *
 * Omits what Podman does not support: kubelet probes (the test requests the same paths) and scheduling.
 */
export async function writePod(directory: string, variant: string, port: number): Promise<string> {
  const manifest = render(variant).find(({ kind }) => kind === 'DaemonSet') as unknown as IDaemonSet;
  const template = manifest.spec?.template;
  const [container] = template?.spec?.containers ?? [];
  if (!template?.spec || !container) throw new Error(`${variant} has no container.`);
  const { startupProbe, livenessProbe, readinessProbe, ports, ...rest } = container;
  if (!startupProbe || !livenessProbe || !readinessProbe || !ports) throw new Error(`${variant} has no probes or no ports.`);
  const env = [...(rest.env ?? []), { name: 'CONNTRACK_API_PORT', value: String(port) }];
  const { nodeSelector, tolerations, volumes = [], ...spec } = template.spec;
  if (!nodeSelector || !tolerations) throw new Error(`${variant} has no node selector or no tolerations.`);
  const replaced = volumes.map(async (volume) => {
    const path = volume.hostPath?.path;
    if (path === undefined || path.startsWith(KERNEL)) return volume;
    return { ...volume, hostPath: { path: await hostDirectory(directory, path), type: 'Directory' } };
  });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: variant, labels: template.metadata?.labels },
    spec: { ...spec, containers: [{ ...rest, image: IMAGE, imagePullPolicy: 'Never', env }], volumes: await Promise.all(replaced) },
  };
  const path = join(directory, `${variant}.yaml`);
  await writeFile(path, stringify(pod));
  return path;
}
