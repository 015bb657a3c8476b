import { Option, type Command } from 'commander';

/** Whose JWTs are accepted beside the tokens of this service. */
export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly scopeClaim: string;
}

export interface OidcFlags {
  readonly oidcIssuer?: string;
  readonly oidcAudience?: string;
  readonly oidcScopeClaim: string;
}

export function oidcOptions(command: Command): Command {
  const env = (flag: string, name: string, description: string): Option => new Option(flag, description).env(`CONNTRACK_API_OIDC_${name}`);
  return command
    .addOption(env('--oidc-issuer <url>', 'ISSUER', 'accept JWTs of this OpenID Connect issuer, too'))
    .addOption(env('--oidc-audience <audience>', 'AUDIENCE', 'what their aud must name: this service'))
    .addOption(env('--oidc-scope-claim <name>', 'SCOPE_CLAIM', 'the claim that holds their scopes').default('scope'));
}

/** @throws Error where anybody on the way could hand out keys of their own, or JWTs for other services would be accepted. */
export function toOidc(issuer: string | undefined, audience: string | undefined, scopeClaim: string): OidcConfig | undefined {
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer === undefined || audience === undefined || audience === '') {
    throw new Error('--oidc-issuer and --oidc-audience belong together: JWTs made for other services must not be accepted here.');
  }
  if (!isSafe(issuer)) throw new Error(`--oidc-issuer ${issuer}: expected an https URL without query, or http on a loopback address.`);
  return { issuer, audience, scopeClaim };
}

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username } = new URL(text);
  if (search !== '' || hash !== '' || username !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
}
