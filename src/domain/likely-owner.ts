import type { BootResult } from './boot/boot-result.ts';
import type { SettingName } from './setting.ts';

/** Evidence on the host about a value that has changed. */
export interface DriftEvidence {
  /** Names of running processes known to write conntrack settings. */
  readonly processes: readonly string[];
  /** Lines of boot files that set exactly this value. */
  readonly lines: readonly { readonly path: string; readonly line: number }[];
  readonly rebooted: boolean;
}

/** Lines of boot files and of the kernel command line that set exactly this value, effective or overridden. */
export function linesSetting({ settings }: BootResult, name: SettingName, value: number): DriftEvidence['lines'] {
  const setting = settings.find((candidate) => candidate.name === name);
  const overridden = (setting?.overridden ?? []).filter((line) => line.value === value);
  return setting?.effective && setting.value === value ? [setting.effective, ...overridden] : overridden;
}

/** Programs known to write conntrack settings, and the settings they write; empty: any. */
export const KNOWN_WRITERS: Readonly<Record<string, readonly SettingName[]>> = {
  'kube-proxy': ['max', 'tcp_timeout_established', 'tcp_timeout_close_wait', 'tcp_be_liberal', 'udp_timeout', 'udp_timeout_stream'],
  tuned: [],
  firewalld: ['helper'],
  dockerd: [],
};

/** kube-proxy's defaults: 32768 per core (at least 131072), 24 h established, 1 h close_wait. */
const KUBE_PROXY_VALUES: Readonly<Record<SettingName, (value: number) => boolean>> = {
  max: (value) => value >= 131_072 && value % 32_768 === 0,
  tcp_timeout_established: (value) => value === 86_400,
  tcp_timeout_close_wait: (value) => value === 3_600,
};

/** The likely reasons for a changed setting, the strongest first. The kernel does not record the writer. */
export function likelyOwners(name: SettingName, value: number, { processes, lines, rebooted }: DriftEvidence): readonly string[] {
  const writers = processes.filter((process) => KNOWN_WRITERS[process]?.length === 0 || KNOWN_WRITERS[process]?.includes(name));
  return [
    ...(rebooted ? ['the host was rebooted'] : []),
    ...lines.map(({ path, line }) => `${path}, line ${line}, sets this value`),
    ...writers.map((process) => `${process} is running and writes such settings`),
    ...(KUBE_PROXY_VALUES[name]?.(value) ? ['the value is one that kube-proxy sets by default'] : []),
  ];
}
