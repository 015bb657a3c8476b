import type { Scope } from '../../domain/token.ts';

/** The credentials in an `Authorization` header (RFC 6750, 2.1). Absent if there is no header or it has another scheme. */
export function bearerIn(authorization: string | undefined): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
}

/** The `WWW-Authenticate` header (RFC 6750, 3). It has no error if the request has no credentials. */
export function challenge(error?: 'invalid_token' | 'insufficient_scope', scopes: readonly Scope[] = []): string {
  const realm = 'Bearer realm="conntrack-api"';
  if (error === undefined) return realm;
  return scopes.length === 0 ? `${realm}, error="${error}"` : `${realm}, error="${error}", scope="${scopes.join(' ')}"`;
}
