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
 * A web page can make a browser on this machine talk to this service, and DNS rebinding can make it look like the same site.
 * Neither gets past the names this service is known by.
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
      `The Host header names ${printable(host) || 'nothing'}, which this service does not answer to.`,
      {
        remedy: 'Use localhost or 127.0.0.1, or start the service with --allowed-hosts naming it.',
      },
    );
  }
  if (origin !== undefined && allowedOrigins.includes(origin)) return;
  if (origin !== undefined && !isOwn(origin, host, allowed)) throw refused(`The page at ${printable(origin)}`);
  // A browser that leaves `Origin` out says this much.
  if (headers['sec-fetch-site'] === 'cross-site' && !SAFE_METHODS.includes(method)) throw refused('A page from elsewhere');
}

function refused(who: string): ConntrackError {
  return new ConntrackError('ORIGIN_NOT_ALLOWED', `${who} may not use this service; only its own pages may.`, {
    remedy: 'Start the service with --allowed-origins naming the page’s origin if it is to be trusted.',
  });
}

/**
 * Scheme, host and port are those under which the service is reached. Without a certificate of its own either scheme is: a proxy in front may
 * have one.
 */
function isOwn(origin: string, host: string, { certificate }: Allowed): boolean {
  const [, scheme, at] = /^(https?):\/\/([^/?#@]+)$/.exec(origin.toLowerCase()) ?? [];
  if (scheme === undefined || at === undefined || (certificate && scheme !== 'https')) return false;
  const standardPort = scheme === 'https' ? /:443$/ : /:80$/;
  return at.replace(standardPort, '') === host.toLowerCase().replace(standardPort, '');
}
