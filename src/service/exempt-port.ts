import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { Reachability } from '../application/reachability.ts';
import type { Config } from '../config/config.ts';
import { NetlinkError } from '../kernel/netlink/netlink-socket.ts';
import { removeAbandonedTables, UntrackedPort } from '../kernel/untracked-port.ts';

/** The rules that exempt the port of the service from connection tracking. */
export interface Exemption {
  /** Creates them, also again after another program removed them. Describes the result in `Reachability` and logs a new failure. */
  readonly ensure: () => void;
  readonly remove: () => void;
}

/** Removes the rules that killed services left. @returns absent if the port is not to be exempt */
export function exemptPort(app: NestFastifyApplication, { untracked, tcp, root }: Config): Exemption | undefined {
  if (!tcp || root !== '/') return undefined;
  const { server, log } = app.getHttpAdapter().getInstance();
  const { port } = server.address() as AddressInfo;
  try {
    removeAbandonedTables(port);
  } catch (error) {
    // A service that may not list tables has not created any.
    if (!(error instanceof NetlinkError)) log.warn({ err: error }, 'nftables tables that killed services left could not be looked for');
  }
  if (!untracked) return undefined;
  const exempted = new UntrackedPort(port);
  const reachability = app.get(Reachability);
  const ensure = (): void => {
    const { reason: before } = reachability.untracked;
    reachability.untracked = exempted.ensure();
    const { reason, remedy = '' } = reachability.untracked;
    if (reason !== undefined && reason !== before) log.warn(`the port is not exempt from connection tracking: ${reason} ${remedy}`.trim());
  };
  return { ensure, remove: exempted.remove.bind(exempted) };
}
