import type { SecureContextOptions } from 'node:tls';
import type { ServerCertificate } from '../edge/http-options.ts';

/** For the first byte, and for the whole handshake. */
export const HANDSHAKE_MILLISECONDS = 10_000;

export function secureContext({ cert, key, clientCa }: ServerCertificate['material']): SecureContextOptions {
  return { cert, key, minVersion: 'TLSv1.2', ...(clientCa && { ca: clientCa }) };
}
