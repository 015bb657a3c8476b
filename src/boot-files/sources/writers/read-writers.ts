import type { BootDirectory, BootFile, WriterFile, WriterProgram } from '../../../domain/boot/boot-input.ts';
import { namesIn, readUnit } from '../enabled-units.ts';
import type { RootedTree } from '../rooted-tree.ts';
import { readTunedProfiles } from './tuned-profiles.ts';

const FILE_BYTES_MAX = 262_144;
const FILES_MAX = 500;
const NAMED_MAX = 50;
const ABOUT_SETTINGS = /conntrack|sysctl/i;
const MAY_EXECUTE = 0o111;

/** Units of the boot itself, which the preview follows, and of the programs below. */
const NOT_OTHERS =
  /^(systemd-sysctl|procps|systemd-modules-load|systemd-udevd?|systemd-tmpfiles-.*|tuned|ufw|iptables|ip6tables)\.service$/;
const KUBERNETES = ['kube-proxy', 'k3s', 'k3s-agent', 'rke2-server', 'rke2-agent', 'snap.microk8s.daemon-kubelite'].map(
  (name) => `${name}.service`,
);
const KUBERNETES_FILES = [
  '/etc/rancher/k3s/config.yaml',
  '/etc/rancher/k3s/config.yaml.d/*',
  '/etc/rancher/rke2/config.yaml',
  '/etc/rancher/rke2/config.yaml.d/*',
  '/var/snap/microk8s/current/args/kube-proxy',
  '/var/lib/kube-proxy/*',
  '/etc/kubernetes/kube-proxy*',
];

/** Files that programs read without a unit that must be enabled. `*` matches any name in the directory. */
const ALWAYS: readonly (readonly [WriterProgram, WriterFile['order'], string])[] = [
  ['tmpfiles', 'unordered', '/etc/tmpfiles.d/*'],
  ['tmpfiles', 'unordered', '/run/tmpfiles.d/*'],
  ['tmpfiles', 'unordered', '/usr/local/lib/tmpfiles.d/*'],
  ['tmpfiles', 'unordered', '/usr/lib/tmpfiles.d/*'],
  ['vyos', 'late', '/run/sysctl/*'],
  ['ifupdown', 'unordered', '/etc/network/interfaces'],
  ['ifupdown', 'unordered', '/etc/network/interfaces.d/*'],
  ['cron', 'late', '/etc/crontab'],
  ['cron', 'late', '/etc/cron.d/*'],
  ['cron', 'late', '/var/spool/cron/crontabs/root'],
  ['cron', 'late', '/var/spool/cron/root'],
  ['cloud-init', 'unordered', '/etc/cloud/cloud.cfg'],
  ['cloud-init', 'unordered', '/etc/cloud/cloud.cfg.d/*'],
  ['cloud-init', 'unordered', '/var/lib/cloud/instance/user-data.txt'],
  ['cloud-init', 'unordered', '/var/lib/cloud/instance/vendor-data.txt'],
];
/** They run only if they are executable. */
const SCRIPTS = [
  '/etc/rc.local',
  '/etc/rc.d/rc.local',
  '/etc/init.d/boot.local',
  '/etc/local.d/*',
  '/etc/network/if-pre-up.d/*',
  '/etc/network/if-up.d/*',
  '/etc/NetworkManager/dispatcher.d/*',
  '/etc/NetworkManager/dispatcher.d/pre-up.d/*',
  '/etc/networkd-dispatcher/routable.d/*',
  '/etc/networkd-dispatcher/configured.d/*',
];

/** The files of enabled programs that may set conntrack settings, besides those that the sysctl run reads. */
export async function readWriters(tree: RootedTree, enabled: ReadonlySet<string>, isSystemd: boolean): Promise<readonly WriterFile[]> {
  const isEnabled = (unit: string): boolean => !isSystemd || enabled.has(`${unit}.service`);
  const groups = await Promise.all([
    readUfw(tree, isEnabled('ufw')),
    readAlways(tree),
    readScripts(tree),
    isEnabled('tuned') ? readTunedProfiles(tree).then((files) => files.map((file) => writer('tuned', 'late', file))) : [],
    isEnabled('iptables') ? readMatching(tree, 'iptables-services', 'late', ['/etc/sysconfig/iptables-config']) : [],
    isEnabled('ip6tables') ? readMatching(tree, 'iptables-services', 'late', ['/etc/sysconfig/ip6tables-config']) : [],
    isEnabled('sysfsutils') ? readMatching(tree, 'sysfs', 'late', ['/etc/sysfs.conf', '/etc/sysfs.d/*']) : [],
    isEnabled('pve-firewall') ? readProxmox(tree) : [],
    isSystemd ? readUnits(tree, enabled) : [],
    readKubernetes(tree, enabled),
  ]);
  return groups.flat();
}

/** The files that the commands in others name: scripts, and sysctl files outside the usual directories. */
export async function readNamedFiles(
  tree: RootedTree,
  writers: readonly WriterFile[],
  directories: readonly BootDirectory[],
): Promise<readonly BootFile[]> {
  const rules = directories.filter(({ kind }) => kind === 'rules.d' || kind === 'modprobe.d').flatMap(({ files }) => files);
  const texts = [...writers.map(({ file }) => file), ...rules].map(({ content }) => (content.kind === 'text' ? content.text : ''));
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => /^\s*[^#;\s]/.test(line)));
  const commands = lines.filter((line) => /RUN|Exec|sysctl|up |@reboot|- |install /.test(line));
  const paths = new Set(
    commands.flatMap((line) => [...line.matchAll(/(?<![\w/.])\/(?!proc\/|sys\/|dev\/)[\w./@+-]+/g)].map(([path]) => path)),
  );
  const files = await Promise.all([...paths].slice(0, NAMED_MAX).map((path) => tree.read(path, FILE_BYTES_MAX)));
  return files.filter((file) => file !== undefined).filter(isAboutSettings);
}

function writer(program: WriterProgram, order: WriterFile['order'], file: BootFile): WriterFile {
  return { program, order, file };
}

async function readUfw(tree: RootedTree, isEnabled: boolean): Promise<readonly WriterFile[]> {
  const isOn = /^\s*ENABLED=["']?yes/im.test((await tree.text('/etc/ufw/ufw.conf', FILE_BYTES_MAX)) ?? '');
  const defaults = (await tree.text('/etc/default/ufw', FILE_BYTES_MAX)) ?? '';
  const path = [...defaults.matchAll(/^\s*IPT_SYSCTL=["']?([^"'\s#]*)/gm)].at(-1)?.[1];
  if (!isEnabled || !isOn || path === undefined || !path.startsWith('/')) return [];
  return readMatching(tree, 'ufw', 'unordered', [path]);
}

async function readAlways(tree: RootedTree): Promise<readonly WriterFile[]> {
  const found = await Promise.all(ALWAYS.map(([program, order, pattern]) => readAll(tree, program, order, [pattern])));
  return withoutMasked(found.flat()).filter(({ file }) => isAboutSettings(file));
}

/** A file of tmpfiles.d masks the same name in later directories. */
function withoutMasked(files: readonly WriterFile[]): readonly WriterFile[] {
  const seen = new Set<string>();
  return files.filter(({ program, file: { path } }) => {
    if (program !== 'tmpfiles') return true;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isFirst = /^[^.].*\.conf$/.test(name) && !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}

async function readScripts(tree: RootedTree): Promise<readonly WriterFile[]> {
  const files = await readMatching(tree, 'script', 'late', SCRIPTS);
  const executable = await Promise.all(
    files.map(async ({ file }) => (((await tree.stats(file.path))?.stats.mode ?? 0) & MAY_EXECUTE) !== 0),
  );
  return files.filter((_, index) => executable[index]);
}

/** The firewall sets values only if the cluster has it switched on, and this host does not switch it off. */
async function readProxmox(tree: RootedTree): Promise<readonly WriterFile[]> {
  const isOn = /^\s*enable:\s*1\s*$/m.test((await tree.text('/etc/pve/firewall/cluster.fw', FILE_BYTES_MAX)) ?? '');
  if (!isOn) return [];
  const path = '/etc/pve/local/host.fw';
  const file = (await tree.read(path, FILE_BYTES_MAX)) ?? { path: '/etc/pve/firewall/cluster.fw', content: { kind: 'text', text: '' } };
  return [writer('pve-firewall', 'late', file)];
}

async function readUnits(tree: RootedTree, enabled: ReadonlySet<string>): Promise<readonly WriterFile[]> {
  const names = [...enabled].filter((name) => name.endsWith('.service') && !NOT_OTHERS.test(name)).slice(0, FILES_MAX);
  const units = await Promise.all(names.map((name) => readUnit(tree, name)));
  return units.flatMap((unit) => {
    if (unit === undefined || /\/(systemd-sysctl|procps)\.service$/.test(unit.files[0]?.linkTo ?? '')) return [];
    const isUnordered = unit.files.some(
      ({ content }) => content.kind === 'text' && /^\s*DefaultDependencies\s*=\s*(no|n|false|0|off)/im.test(content.text),
    );
    const isAfter = unit.files.some(
      ({ content }) =>
        content.kind === 'text' &&
        /^\s*After\s*=.*(systemd-sysctl\.service|sysinit\.target|basic\.target|multi-user\.target)/m.test(content.text),
    );
    return unit.files.filter(hasCommands).map((file) => writer('unit', isUnordered && !isAfter ? 'unordered' : 'late', file));
  });
}

function hasCommands({ content }: BootFile): boolean {
  return content.kind === 'text' && /^\s*Exec/m.test(content.text);
}

async function readKubernetes(tree: RootedTree, enabled: ReadonlySet<string>): Promise<readonly WriterFile[]> {
  const names = KUBERNETES.filter((name) => enabled.has(name));
  if (names.length === 0) return [];
  const units = await Promise.all(names.map((name) => readUnit(tree, name)));
  const configuration = await Promise.all(KUBERNETES_FILES.map((pattern) => expand(tree, pattern)));
  const files = await Promise.all(configuration.flat().map((path) => tree.read(path, FILE_BYTES_MAX)));
  return [...units.flatMap((unit) => unit?.files ?? []), ...files.filter((file) => file !== undefined)].map((file) =>
    writer('kube-proxy', 'late', file),
  );
}

async function readMatching(
  tree: RootedTree,
  program: WriterProgram,
  order: WriterFile['order'],
  patterns: readonly string[],
): Promise<readonly WriterFile[]> {
  return (await readAll(tree, program, order, patterns)).filter(({ file }) => isAboutSettings(file));
}

async function readAll(
  tree: RootedTree,
  program: WriterProgram,
  order: WriterFile['order'],
  patterns: readonly string[],
): Promise<readonly WriterFile[]> {
  const paths = (await Promise.all(patterns.map((pattern) => expand(tree, pattern)))).flat();
  const files = await Promise.all(paths.slice(0, FILES_MAX).map((path) => tree.read(path, FILE_BYTES_MAX)));
  return files.filter((file) => file !== undefined).map((file) => writer(program, order, file));
}

function isAboutSettings({ content }: BootFile): boolean {
  return content.kind === 'text' && ABOUT_SETTINGS.test(content.text);
}

async function expand(tree: RootedTree, pattern: string): Promise<readonly string[]> {
  if (!pattern.endsWith('/*')) return [pattern];
  const directory = pattern.slice(0, -2);
  return (await namesIn(tree, directory)).map((name) => `${directory}/${name}`);
}
