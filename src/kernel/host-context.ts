import type { HostContext } from '../domain/findings/table-evidence.ts';
import { KernelFileError } from './kernel-file-error.ts';
import { orFailure, type KernelFiles } from './kernel-files.ts';
import { readRelease } from './running-kernel.ts';

const INTERFACES = '/sys/class/net/';
const SOCKETS = ['/proc/net/sockstat', '/proc/net/sockstat6'] as const;

/** Network interfaces of datapaths that have their own connection tracking. A host may have thousands of others. */
const DATAPATHS: Readonly<Record<string, string>> = {
  cilium_host: 'Cilium (network interface cilium_host)',
  'ovs-netdev': 'Open vSwitch’s userspace datapath (network interface ovs-netdev)',
};

/** Reads what else on the host relates to connections: TCP sockets in use and other datapaths. A few small files. */
export async function readHostContext(files: KernelFiles): Promise<HostContext> {
  const names = Object.keys(DATAPATHS);
  const [sockets, sockets6, ...interfaces] = await Promise.all([
    orFailure(files.readText(SOCKETS[0])),
    orFailure(files.readText(SOCKETS[1])),
    ...names.map((name) => orFailure(files.exists(`${INTERFACES}${name}`))),
  ]);
  const ipv4 = tcpInUse(sockets, 'TCP');
  const release = await readRelease(files);
  return {
    ...(ipv4 !== undefined && { tcpSockets: ipv4 + (tcpInUse(sockets6, 'TCP6') ?? 0) }),
    ...(release !== undefined && { release }),
    datapaths: names.filter((_, index) => interfaces[index] === true).map((name) => DATAPATHS[name] ?? name),
  };
}

/** `TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 1` */
function tcpInUse(text: string | KernelFileError, protocol: string): number | undefined {
  const sockets = text instanceof KernelFileError ? undefined : new RegExp(`^${protocol}: inuse (\\d+)`, 'm').exec(text)?.[1];
  return sockets === undefined ? undefined : Number(sockets);
}
