import type { BootResult } from './boot/boot-result.ts';
import type { SettingName } from './setting.ts';

/** What was found on the host about a value that moved. */
export interface DriftEvidence {
  /** Names of running processes that are known to write conntrack settings. */
  readonly processes: readonly string[];
  /** Lines of boot files that ask for exactly this value. */
  readonly lines: readonly { readonly path: string; readonly line: number }[];
  readonly rebooted: boolean;
}

/** Lines of boot files and of the kernel command line that ask for exactly this value, whether they win at a boot or lose. */
export function linesAsking({ settings }: BootResult, name: SettingName, value: number): DriftEvidence['lines'] {
  const setting = settings.find((candidate) => candidate.name === name);
  const overridden = (setting?.overridden ?? []).filter((line) => line.value === value);
  return setting?.effective && setting.value === value ? [setting.effective, ...overridden] : overridden;
}

/** Processes known to write conntrack settings by themselves, and what they write. */
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

/** Who may have moved a setting, most telling first. Likely only: the kernel does not record who wrote. */
export function likelyOwners(name: SettingName, value: number, { processes, lines, rebooted }: DriftEvidence): readonly string[] {
  const writers = processes.filter((process) => KNOWN_WRITERS[process]?.length === 0 || KNOWN_WRITERS[process]?.includes(name));
  return [
    ...(rebooted ? ['the host was rebooted'] : []),
    ...lines.map(({ path, line }) => `${path}, line ${line}, asks for this value`),
    ...writers.map((process) => `${process} is running and writes such settings`),
    ...(KUBE_PROXY_VALUES[name]?.(value) ? ['the value is one that kube-proxy sets by default'] : []),
  ];
}
