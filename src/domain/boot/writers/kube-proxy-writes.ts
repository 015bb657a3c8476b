import type { WriterFile } from '../boot-input.ts';
import type { BootLine } from '../boot-line.ts';
import { linesOf } from './line-files.ts';
import type { OtherWrite } from './other-write.ts';

interface Option {
  readonly path: string;
  /** In the configuration of kube-proxy, and as an argument. */
  readonly names: readonly string[];
  /** What kube-proxy sets without the option, in seconds. Absent: nothing. */
  readonly usual?: number;
}

const OPTIONS: readonly Option[] = [
  {
    path: 'net/netfilter/nf_conntrack_tcp_timeout_established',
    names: ['tcpEstablishedTimeout', 'conntrack-tcp-timeout-established'],
    usual: 86_400,
  },
  {
    path: 'net/netfilter/nf_conntrack_tcp_timeout_close_wait',
    names: ['tcpCloseWaitTimeout', 'conntrack-tcp-timeout-close-wait'],
    usual: 3_600,
  },
  { path: 'net/netfilter/nf_conntrack_udp_timeout', names: ['udpTimeout', 'conntrack-udp-timeout'] },
  { path: 'net/netfilter/nf_conntrack_udp_timeout_stream', names: ['udpStreamTimeout', 'conntrack-udp-timeout-stream'] },
];
const PER_CORE = ['maxPerCore', 'conntrack-max-per-core'];
const MINIMUM = ['min', 'conntrack-min'];
const TABLE = ['net/netfilter/nf_conntrack_max', 'net/netfilter/nf_conntrack_buckets'];

/**
 * kube-proxy sets max by the number of processors, which is taken to be unknown here, and timeouts. A value of 0 leaves a setting alone; without
 * a maximum per core it ignores the minimum too.
 */
export function kubeProxyWrites(files: readonly WriterFile[]): readonly OtherWrite[] {
  const [first] = files;
  if (first === undefined || files.some(({ file }) => linesOf(file).some(({ text }) => isDisabled(text)))) return [];
  const whole = { path: first.file.path, line: 1, text: '' };
  const common = { program: 'kube-proxy', order: 'late', loads: true } as const;
  const [perCore, minimum] = [optionIn(files, PER_CORE), optionIn(files, MINIMUM)];
  const table = TABLE.map((path) => ({ ...common, path, at: perCore?.at ?? minimum?.at ?? whole, isCertain: false }));
  const timeouts = OPTIONS.flatMap(({ path, names, usual }): OtherWrite[] => {
    const option = optionIn(files, names);
    const seconds = option === undefined ? usual : secondsOf(option.value);
    if (seconds === 0 || (option === undefined && usual === undefined)) return [];
    return [{ ...common, path, at: option?.at ?? whole, isCertain: true, ...(seconds !== undefined && { value: String(seconds) }) }];
  });
  return [...(perCore?.value === '0' ? [] : table), ...timeouts];
}

function isDisabled(text: string): boolean {
  return /disable-kube-proxy["']?\s*[:= ]\s*["']?true|--disable-kube-proxy(\s|$|\\)/.test(text);
}

function optionIn(files: readonly WriterFile[], names: readonly string[]): { readonly at: BootLine; readonly value: string } | undefined {
  for (const { file } of files.toReversed()) {
    for (const { text, at } of linesOf(file)) {
      const [, value] = new RegExp(`(?:^|[-\\s"'{,=])(?:${names.join('|')})["']?\\s*[:=]\\s*["']?([\\w.]+)`).exec(text) ?? [];
      if (value !== undefined && value !== 'null') return { at, value };
    }
  }
  return undefined;
}

/** A duration of Go, such as 24h0m0s. Undefined if it is not one. */
function secondsOf(text: string): number | undefined {
  if (/^0+s?$/.test(text)) return 0;
  const [whole, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return whole === undefined || whole === '' ? undefined : Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}
