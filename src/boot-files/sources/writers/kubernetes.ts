import type { WriterFile } from '../../../domain/boot/boot-input.ts';
import { readUnit } from '../enabled-units.ts';
import type { RootedTree } from '../rooted-tree.ts';
import { expand } from './expand.ts';

const FILE_BYTES_MAX = 262_144;
const PODS_MAX = 500;
const UNITS = ['kube-proxy', 'k3s', 'k3s-agent', 'rke2-server', 'rke2-agent', 'snap.microk8s.daemon-kubelite'].map(
  (name) => `${name}.service`,
);
const FILES = [
  '/etc/rancher/k3s/config.yaml',
  '/etc/rancher/k3s/config.yaml.d/*',
  '/etc/rancher/rke2/config.yaml',
  '/etc/rancher/rke2/config.yaml.d/*',
  '/var/snap/microk8s/current/args/kube-proxy',
  '/var/lib/kube-proxy/*',
  '/etc/kubernetes/kube-proxy*',
];
/** kubelet starts kube-proxy as a pod, whose configuration is in its volumes or in a manifest. */
const KUBELET = 'kubelet.service';
const PODS = '/var/lib/kubelet/pods/*';
const VOLUME = 'volumes/kubernetes.io~configmap/kube-proxy';
const MANIFESTS = '/etc/kubernetes/manifests/kube-proxy*';

/** The configuration of kube-proxy, if something that contains or starts it is enabled. */
export async function readKubernetes(tree: RootedTree, enabled: ReadonlySet<string>): Promise<readonly WriterFile[]> {
  const names = UNITS.filter((name) => enabled.has(name));
  const units = await Promise.all(names.map((name) => readUnit(tree, name)));
  const own = names.length === 0 ? [] : await Promise.all(FILES.map((pattern) => expand(tree, pattern)));
  const paths = [...own.flat(), ...(enabled.has(KUBELET) ? await podFiles(tree) : [])];
  const files = await Promise.all(paths.map((path) => tree.read(path, FILE_BYTES_MAX)));
  return [...units.flatMap((unit) => unit?.files ?? []), ...files.filter((file) => file?.content.kind === 'text')].flatMap((file) =>
    file === undefined ? [] : [{ program: 'kube-proxy', order: 'late', file }],
  );
}

async function podFiles(tree: RootedTree): Promise<readonly string[]> {
  const pods = (await expand(tree, PODS)).slice(0, PODS_MAX).map((pod) => `${pod}/${VOLUME}/config.conf`);
  return [...(await expand(tree, MANIFESTS)), ...pods];
}
