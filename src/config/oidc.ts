import type { Option } from 'commander';
import { option } from './options.ts';

/** The OpenID Connect issuer whose JWTs are accepted besides the service's own tokens. */
export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly scopeClaim: string;
}

export interface OidcFlags {
  readonly oidcIssuer?: string | undefined;
  readonly oidcAudience?: string | undefined;
  readonly oidcScopeClaim: string;
}

export function oidcOptions(): readonly Option[] {
  return [
    option('--oidc-issuer <url>', 'also accept JWTs of this OpenID Connect issuer; needs --oidc-audience'),
    option('--oidc-audience <audience>', 'value that the aud claim of a JWT must contain to be accepted by this service'),
    option('--oidc-scope-claim <name>', 'claim that holds the scopes of a JWT: a list, or a string separated by spaces').default('scope'),
  ];
}

/** @throws Error when the connection to the issuer could be tampered with, or when JWTs for other services would be accepted. */
export function toOidc({ oidcIssuer: issuer, oidcAudience: audience, oidcScopeClaim: scopeClaim }: OidcFlags): OidcConfig | undefined {
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer === undefined || audience === undefined || audience === '') {
    throw new Error(
      '--oidc-issuer needs --oidc-audience, and the reverse: without an audience, JWTs for other services would be accepted.',
    );
  }
  if (!isSafe(issuer)) {
    throw new Error(`--oidc-issuer ${issuer}: expected an https URL without query, or an http URL with a loopback address.`);
  }
  return { issuer, audience, scopeClaim };
}

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username } = new URL(text);
  if (search !== '' || hash !== '' || username !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
}
