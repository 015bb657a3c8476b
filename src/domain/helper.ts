import type { Unavailable } from './layout.ts';

/** What a helper reads. */
interface HelperProtocol {
  readonly helper: string;
  readonly protocol: 'tcp' | 'udp';
  /** Where its protocol is usually spoken; absent if the flows are expected by another helper. */
  readonly port?: number;
}

/** The helper modules of the kernel, by their names without the prefix `nf_conntrack_` or `ip_conntrack_`. */
export const HELPER_MODULES: Readonly<Record<string, readonly HelperProtocol[]>> = {
  amanda: [{ helper: 'amanda', protocol: 'udp', port: 10_080 }],
  ftp: [{ helper: 'ftp', protocol: 'tcp', port: 21 }],
  h323: [
    { helper: 'RAS', protocol: 'udp', port: 1_719 },
    { helper: 'Q.931', protocol: 'tcp', port: 1_720 },
    { helper: 'H.245', protocol: 'tcp' },
  ],
  irc: [{ helper: 'irc', protocol: 'tcp', port: 6_667 }],
  netbios_ns: [{ helper: 'netbios-ns', protocol: 'udp', port: 137 }],
  pptp: [{ helper: 'pptp', protocol: 'tcp', port: 1_723 }],
  sane: [{ helper: 'sane', protocol: 'tcp', port: 6_566 }],
  sip: [
    { helper: 'sip', protocol: 'udp', port: 5_060 },
    { helper: 'sip', protocol: 'tcp', port: 5_060 },
  ],
  snmp: [{ helper: 'snmp', protocol: 'udp', port: 161 }],
  tftp: [{ helper: 'tftp', protocol: 'udp', port: 69 }],
};

/** A helper module that is loaded or built in. */
export interface LoadedHelperModule {
  /** `nf_conntrack_ftp` */
  readonly module: string;
  readonly builtIn: boolean;
  /** Of its parameter `ports`; absent if it has none, or if it cannot be read. */
  readonly ports?: readonly number[];
}

export interface HelperModules {
  readonly modules: readonly LoadedHelperModule[];
  /** What cannot be known. */
  readonly unavailable: readonly Unavailable[];
}

/** A helper, and who uses it. */
export interface HelperUse {
  /** As entries and expectations have it. */
  readonly name: string;
  /** Absent if no module that is known to be loaded has it: it runs in user space, or its module cannot be seen. */
  readonly module?: string;
  readonly builtIn?: boolean;
  readonly protocols: readonly { readonly protocol: 'tcp' | 'udp'; readonly ports: readonly number[] }[];
  /** Entries that have the helper; absent if it cannot be known. */
  readonly entries?: number;
  /** Expectations of the helper; absent if it cannot be known. */
  readonly expectations?: number;
}

type Counts = Readonly<Record<string, number>>;

/** The helpers of the loaded modules, and those that entries or expectations name. Sorted by name. */
export function helperUses(
  modules: readonly LoadedHelperModule[],
  entries: Counts | undefined,
  expectations: Counts | undefined,
): readonly HelperUse[] {
  const ofModules = new Map(modules.flatMap((module) => helpersOf(module).map((use) => [use.name, use] as const)));
  const names = new Set([...ofModules.keys(), ...Object.keys(entries ?? {}), ...Object.keys(expectations ?? {})]);
  return [...names].sort().map((name) => ({
    ...(ofModules.get(name) ?? ofModules.get(name.replace(PORT_SUFFIX, '')) ?? { protocols: [] }),
    name,
    ...(entries && { entries: entries[name] ?? 0 }),
    ...(expectations && { expectations: expectations[name] ?? 0 }),
  }));
}

/** The kernel names a helper on another than its usual port `ftp-2121`. */
const PORT_SUFFIX = /-\d+$/;

function helpersOf({ module, builtIn, ports }: LoadedHelperModule): readonly HelperUse[] {
  const known = HELPER_MODULES[shortName(module)] ?? [];
  return [...new Set(known.map(({ helper }) => helper))].map((name) => ({
    name,
    module,
    builtIn,
    protocols: known
      .filter(({ helper }) => helper === name)
      .map(({ protocol, port }) => ({ protocol, ports: port === undefined ? [] : (ports ?? [port]) })),
  }));
}

/** `ftp` for `nf_conntrack_ftp` and `ip_conntrack_ftp`. */
function shortName(module: string): string {
  return module.replace(/^(nf|ip)_conntrack_/, '');
}
