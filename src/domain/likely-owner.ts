import type { BootResult } from './boot/boot-result.ts';
import type { SettingName, SettingValues } from './setting.ts';

/** A line of a file. */
interface Line {
  readonly path: string;
  readonly line: number;
}

/** A running process that contains a program which writes conntrack settings. */
export interface RunningWriter {
  /** A key of {@link KNOWN_WRITERS}. */
  readonly program: string;
  /** The name of the process: that of the program, or of a process that contains it (`k3s-server`). */
  readonly process: string;
}

/** What the host shows about programs that may have set a value. */
export interface WriterEvidence {
  readonly processes: readonly RunningWriter[];
  /** Lines of files of other programs that set exactly this value. */
  readonly lines: readonly Line[];
}

/** Evidence on the host about a value that has changed. */
export interface DriftEvidence extends WriterEvidence {
  readonly rebooted: boolean;
  /** The kernel's defaults, if known. */
  readonly defaults?: SettingValues;
  /** The values that the kernel has now. */
  readonly live?: SettingValues;
}

/** Lines of boot files and of the kernel command line that set exactly this value, effective or overridden. */
export function linesSetting({ settings }: BootResult, name: SettingName, value: number): DriftEvidence['lines'] {
  const setting = settings.find((candidate) => candidate.name === name);
  const overridden = (setting?.overridden ?? []).filter((line) => line.value === value);
  return setting?.effective && setting.value === value ? [setting.effective, ...overridden] : overridden;
}

interface KnownWriter {
  /** Names of processes that are the program or contain it. */
  readonly processes: readonly string[];
  /** Settings that it writes unless it is configured otherwise; `all`: it loads the module again, which starts with new values. */
  readonly settings: readonly SettingName[] | 'all';
  /** Settings that it writes only with this argument on its command line. */
  readonly withArgument?: Readonly<Record<SettingName, string>>;
  /** Arguments with which the process does not run the program. */
  readonly unless?: RegExp;
}

/**
 * Programs that write conntrack settings while they run, without a line in a file that this service can read. Docker is not one: it writes
 * no conntrack setting. tuned and ufw write what their files contain, so only a line of such a file is evidence of them. firewalld writes none
 * itself, but it may unload and load the module when it is restarted: values are then those of sysctl.d or the kernel's defaults.
 */
export const KNOWN_WRITERS: Readonly<Record<string, KnownWriter>> = {
  'kube-proxy': {
    // k3s, rke2 and microk8s run kube-proxy inside their own process.
    processes: ['kube-proxy', 'k3s', 'k3s-server', 'k3s-agent', 'rke2', 'rke2-server', 'rke2-agent', 'kubelite'],
    settings: ['max', 'buckets', 'tcp_timeout_established', 'tcp_timeout_close_wait'],
    withArgument: {
      tcp_be_liberal: 'conntrack-tcp-be-liberal',
      udp_timeout: 'conntrack-udp-timeout',
      udp_timeout_stream: 'conntrack-udp-timeout-stream',
    },
    unless: /^--disable-kube-proxy(=true)?$/,
  },
  'pve-firewall': { processes: ['pve-firewall'], settings: ['max', 'buckets', 'tcp_timeout_established', 'tcp_timeout_syn_recv'] },
  firewalld: { processes: ['firewalld'], settings: 'all' },
};

/** The kernel truncates the name of a process to 15 bytes. */
const COMM_BYTES = 15;

/** Whether one of the programs may run under this name. */
export function mayContainWriter(comm: string): boolean {
  return Object.values(KNOWN_WRITERS).some(({ processes }) => processes.some((name) => name.slice(0, COMM_BYTES) === comm));
}

/**
 * The programs that the process contains and that write this setting.
 *
 * @param comm its name, truncated to 15 bytes by the kernel
 * @param commandLine its arguments, the program first; empty if they cannot be read
 */
export function writersIn(comm: string, commandLine: readonly string[], setting: SettingName): readonly RunningWriter[] {
  return Object.entries(KNOWN_WRITERS).flatMap(([program, writer]) => {
    const process = writer.processes.find((name) => isProcess(name, comm, commandLine));
    if (process === undefined || !writes(writer, commandLine, setting)) return [];
    return [{ program, process }];
  });
}

/** A truncated name is compared with the command line, because several programs may share its first 15 bytes. */
function isProcess(name: string, comm: string, [path = '']: readonly string[]): boolean {
  if (name.slice(0, COMM_BYTES) !== comm) return false;
  return name.length <= COMM_BYTES || path.slice(path.lastIndexOf('/') + 1).split(' ')[0] === name;
}

function writes({ settings, withArgument = {}, unless }: KnownWriter, commandLine: readonly string[], setting: SettingName): boolean {
  const words = commandLine.flatMap((argument) => argument.split(' '));
  if (unless && words.some((word) => unless.test(word))) return false;
  const argument = withArgument[setting];
  if (settings === 'all') return true;
  return settings.includes(setting) || (argument !== undefined && words.some((word) => hasFlag(word, argument)));
}

/** k3s and rke2 pass arguments on as `--kube-proxy-arg=conntrack-udp-timeout=30s`. */
function hasFlag(word: string, flag: string): boolean {
  return new RegExp(`^(--?|--kube-proxy-arg=(--)?)?${flag}(=|$)`).test(word);
}

/** kube-proxy's defaults: 32768 per core (at least 131072), 24 h established, 1 h close_wait. */
const KUBE_PROXY_VALUES: Readonly<Record<SettingName, (value: number) => boolean>> = {
  max: (value) => value >= 131_072 && value % 32_768 === 0,
  tcp_timeout_established: (value) => value === 86_400,
  tcp_timeout_close_wait: (value) => value === 3_600,
};

/** The likely reasons for a changed setting, the strongest first; empty without evidence. The kernel does not record the writer. */
export function likelyOwners(name: SettingName, value: number, evidence: DriftEvidence): readonly string[] {
  const { lines, rebooted, defaults = {}, live = {} } = evidence;
  const isDefault = defaults[name] === value;
  return [
    ...(rebooted ? ['the host was rebooted'] : []),
    ...lines.map(({ path, line }) => `${path}, line ${line}, sets this value`),
    ...(isDefault ? ["the value is the kernel's own default"] : []),
    ...computedBy(name, value, live),
    ...runningWriters(name, value, evidence, isDefault),
  ];
}

/** Rules by which the kernel or a program computes one setting from another. */
function computedBy(name: SettingName, value: number, { buckets, max }: SettingValues): readonly string[] {
  if (name === 'max' && buckets !== undefined && value === 8 * buckets) {
    return [`the value is 8 × buckets (${buckets}), which the kernel sets when its module is loaded with hashsize=`];
  }
  if (name === 'buckets' && max !== undefined && max % 4 === 0 && value === max / 4) {
    return [`the value is max / 4 (${max} / 4)`];
  }
  return [];
}

/** What a running program may do to a value that is set now. */
export function reasonsToExpect(name: SettingName, { program, process }: RunningWriter): string {
  if (program === 'firewalld') return RELOADS;
  const running = program === process ? `${program} is running` : `${process} is running, which contains ${program},`;
  return `${running} and writes ${name}. It may set it again.`;
}

const RELOADS =
  'firewalld is running. When it is restarted, it may load the module again, which starts with the values of sysctl.d or its defaults';

/** The process alone is no evidence for a value that the kernel sets without it. */
function runningWriters(name: SettingName, value: number, { processes, lines }: DriftEvidence, isDefault: boolean): readonly string[] {
  return processes.flatMap(({ program, process }) => {
    if (program === 'firewalld') return lines.length > 0 || isDefault ? [RELOADS] : [];
    const isUsual = program === 'kube-proxy' && KUBE_PROXY_VALUES[name]?.(value) === true;
    if (isDefault && !isUsual) return [];
    const running = program === process ? `${program} is running` : `${process} is running, which contains ${program},`;
    return [`${running} and writes such settings${isUsual ? '; the value is one that kube-proxy sets by default' : ''}`];
  });
}
