import { ConntrackError } from '../domain/conntrack-error.ts';
import { printable } from './input/printable.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

interface Headers {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
}

/**
 * A web page can make a browser on this machine talk to this service, and DNS rebinding can make it look like the same site.
 * Neither gets past the names this service is known by.
 *
 * @throws ConntrackError `HOST_NOT_ALLOWED`, `ORIGIN_NOT_ALLOWED`
 */
export function checkHostAndOrigin({ host = '', origin }: Headers, allowedHosts: readonly string[]): void {
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
  if (origin !== undefined && hostOf(origin) !== host.toLowerCase()) {
    throw new ConntrackError('ORIGIN_NOT_ALLOWED', `The page at ${printable(origin)} may not use this service; only its own pages may.`);
  }
}

/** Host and port of an origin; absent for `null` and for what is no web origin. */
function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/?#@]+)$/.exec(origin.toLowerCase())?.[1];
}
