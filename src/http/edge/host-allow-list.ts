import { ConntrackError } from '../../domain/conntrack-error.ts';
import type { HttpOptions } from './http-options.ts';
import { printable } from '../input/printable.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

interface Headers {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
}

type Allowed = Pick<HttpOptions, 'allowedHosts' | 'allowedOrigins' | 'certificate'>;

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses requests that a web page of another origin sends through a browser on this machine, also with DNS rebinding: the `Host` and
 * `Origin` headers must name this service.
 *
 * @throws ConntrackError `HOST_NOT_ALLOWED`, `ORIGIN_NOT_ALLOWED`
 */
export function checkHostAndOrigin(method: string, headers: Headers, allowed: Allowed): void {
  const { host = '', origin } = headers;
  const { allowedHosts, allowedOrigins } = allowed;
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  if (![...LOOPBACK, ...allowedHosts.map((allowed) => allowed.toLowerCase())].includes(name)) {
    throw new ConntrackError(
      'HOST_NOT_ALLOWED',
      `The Host header names ${printable(host) || 'nothing'}, which is not among the allowed host names.`,
      {
        remedy: 'Use localhost or 127.0.0.1, or start the service with --allowed-hosts and this name.',
      },
    );
  }
  if (origin !== undefined && allowedOrigins.includes(origin)) return;
  if (origin !== undefined && !isOwn(origin, host, allowed)) throw refused(`The page at ${printable(origin)}`);
  // Browsers that omit `Origin` send this instead.
  if (headers['sec-fetch-site'] === 'cross-site' && !SAFE_METHODS.includes(method)) throw refused('A page of another site');
}

function refused(page: string): ConntrackError {
  return new ConntrackError('ORIGIN_NOT_ALLOWED', `${page} may not use this service; only its own pages may.`, {
    remedy: 'If you trust the page, start the service with --allowed-origins and its origin.',
  });
}

/**
 * Whether the origin has the scheme, host and port of this request. Without a certificate, both schemes count: a proxy in front may terminate
 * TLS.
 */
function isOwn(origin: string, host: string, { certificate }: Allowed): boolean {
  const [, scheme, at] = /^(https?):\/\/([^/?#@]+)$/.exec(origin.toLowerCase()) ?? [];
  if (scheme === undefined || at === undefined || (certificate && scheme !== 'https')) return false;
  const standardPort = scheme === 'https' ? /:443$/ : /:80$/;
  return at.replace(standardPort, '') === host.toLowerCase().replace(standardPort, '');
}
