import type { Layout } from './layout.ts';
import type { NamespaceRef } from './namespace.ts';

/** The kernel's name without its prefix: `max`, `buckets`, `tcp_timeout_established`. */
export type SettingName = string;

/** Values by settings name, as the kernel reports them in decimal. */
export type SettingValues = Readonly<Record<SettingName, number>>;

export type SettingUnit = 'entries' | 'buckets' | 'seconds' | 'bytes' | 'boolean' | 'level' | 'packets' | 'protocol' | 'unknown';

/** `host`: one value for every network namespace. `namespace`: each network namespace has its own. */
export type SettingScope = 'host' | 'namespace';

/** What this service knows about a setting, independent of its value. */
export interface SettingFacts {
  readonly unit: SettingUnit;
  readonly minimum: number;
  readonly maximum: number;
  readonly scope: SettingScope;
  readonly description: string;
}

/** One setting as the kernel has it now. */
export interface LiveSetting extends SettingFacts {
  readonly name: SettingName;
  /** The sysctl's key in dotted form: `net.netfilter.nf_conntrack_max`. */
  readonly key: string;
  /** Absent if it cannot be read; `unreadable` then has the reason. */
  readonly value?: number;
  readonly unreadable?: string;
  readonly writable: boolean;
  /** Why it cannot be written here; present exactly if `writable` is false. */
  readonly notWritable?: string;
  /** The errno behind `notWritable`. */
  readonly notWritableErrno?: string;
  readonly notWritableRemedy?: string;
}

/** All settings of a network namespace, read together. */
export interface LiveSettings {
  readonly layout: Layout;
  /** /proc/sys/kernel/random/boot_id; absent if it cannot be read. */
  readonly bootId?: string;
  /** Absent: the network namespace of the service. */
  readonly namespace?: NamespaceRef;
  /** Why boot files never set the values of this network namespace: absent in the initial one. A sentence. */
  readonly notPersistable?: string;
  /** Present if connection tracking is not loaded: `settings` is empty then. */
  readonly isLoaded?: false;
  readonly settings: readonly LiveSetting[];
}
