import { existsSync, readFileSync } from 'node:fs';
import { through, type Finding } from './capability-check.ts';
import { PRIVILEGE } from './ctnetlink-access.ts';
import { isNotLoaded } from './is-not-loaded.ts';
import { NFGEN_HEADER_BYTES, NLMSG_HEADER_BYTES } from './netlink/ctnetlink.ts';
import { NetlinkError } from './netlink/netlink-socket.ts';
import { change, exchange } from './netlink/nft-exchange.ts';
import { tableName } from './netlink/nft-messages.ts';
import { deleteTable, listRules, listTables } from './netlink/nft-batch.ts';
import { replaceTable } from './netlink/nft-untracked.ts';

const CONNTRACK = '/proc/sys/net/netfilter/nf_conntrack_count';
const TCP_SOCKETS = ['/proc/net/tcp', '/proc/net/tcp6'];
const PREFIX = 'conntrack_api_';

/**
 * Exempts a TCP port of this host from connection tracking with an nftables table of its own, `inet conntrack_api_<port>`, in the network namespace
 * of the service. Uses netlink instead of the nft program, which containers and minimal hosts lack.
 */
export class UntrackedPort {
  private readonly port: number;
  private readonly table: string;
  /** As the kernel listed them after they were created; empty: not created. */
  private rules = '';

  constructor(port: number) {
    this.port = port;
    this.table = `${PREFIX}${port}`;
  }

  /** Creates the table, also in place of one that a killed service left, and again if another program has removed or changed it. */
  ensure(): Finding {
    // The rules would load conntrack.
    if (!existsSync(CONNTRACK))
      return { available: false, reason: 'Conntrack is not loaded: the port is not tracked, and needs no rules.' };
    try {
      if (this.rules === '' || rulesOf(this.table) !== this.rules) {
        change((sequence) => replaceTable(this.table, this.port, sequence));
        this.rules = rulesOf(this.table);
      }
      return through(`nftables table inet ${this.table}`);
    } catch (error) {
      if (error instanceof NetlinkError)
        return { available: false, reason: `nf_tables refused the request: ${error.message}.`, remedy: remedyOf(error) };
      return { available: false, reason: `The rules could not be created: ${String(error)}.` };
    }
  }

  /** @throws NetlinkError */
  remove(): void {
    if (this.rules !== '') change((sequence) => deleteTable(this.table, sequence));
  }
}

/**
 * Removes the tables that killed services left: those of this service's port, and of ports on which nothing listens.
 *
 * @throws NetlinkError `EPERM` without CAP_NET_ADMIN; MalformedMessage
 */
export function removeAbandonedTables(ownPort: number): void {
  // Such a table keeps both loaded, and listing tables would load nf_tables.
  if (!existsSync(CONNTRACK) || isNotLoaded('nf_tables')) return;
  const tables = Array.from(exchange(listTables), tableName).filter(
    (name) => /^\d+$/.test(name.slice(PREFIX.length)) && name.startsWith(PREFIX),
  );
  if (tables.length === 0) return;
  const listening = portsListening();
  for (const table of tables) {
    const port = Number(table.slice(PREFIX.length));
    if (port === ownPort || !listening.has(port)) change((sequence) => deleteTable(table, sequence));
  }
}

/** `  sl  local_address rem_address   st …`, `   0: 0100007F:211D 00000000:0000 0A …` (proc_net_tcp(5)) */
function portsListening(): ReadonlySet<number> {
  const lines = TCP_SOCKETS.filter((path) => existsSync(path)).flatMap((path) => readFileSync(path, 'latin1').split('\n'));
  return new Set(lines.map((line) => Number.parseInt(/^ *\d+: [\dA-F]+:([\dA-F]{4}) \S+ 0A /.exec(line)?.[1] ?? '0', 16)));
}

/** The kernel gives every new rule another number, so this also differs after a rule was replaced. */
function rulesOf(table: string): string {
  return Array.from(exchange((sequence) => listRules(table, sequence)))
    .map((message) => Buffer.from(message.subarray(NLMSG_HEADER_BYTES + NFGEN_HEADER_BYTES)).toString('latin1'))
    .join('');
}

function remedyOf({ failure }: NetlinkError): string {
  if (failure.code === 'EPERM') return PRIVILEGE;
  return 'The kernel needs nf_tables with the expressions notrack and fib: modprobe -a nf_tables nft_ct nft_fib_inet';
}
