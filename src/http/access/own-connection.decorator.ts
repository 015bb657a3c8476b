import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OwnConnection as OwnConnectionOf } from '../../domain/own-connection.ts';

/** The TCP connection of the request; `undefined` on the unix socket. */
export const OwnConnection = createParamDecorator((_data: unknown, context: ExecutionContext): OwnConnectionOf | undefined => {
  const { socket } = context.switchToHttp().getRequest<FastifyRequest>();
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined || remoteAddress === undefined || remotePort === undefined) return undefined;
  return { local: plain(localAddress), localPort, remote: plain(remoteAddress), remotePort };
});

/** Without the zone of a link-local address, and an address such as `::ffff:192.0.2.1` as IPv4: entries have neither. */
function plain(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}
