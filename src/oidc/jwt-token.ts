import type { JWTPayload } from 'jose';
import { createHash } from 'node:crypto';
import { withVisible } from '../domain/plain-line.ts';
import { SCOPES, type Scope, type Token } from '../domain/token.ts';

const LONGEST_SUBJECT = 96;
const LONGEST_NAME = 256;

export interface VerifiedClaims extends JWTPayload {
  readonly sub: string;
  readonly exp: number;
}

/** Represents a verified JWT as a token. The same subject always has the same id. */
export function toToken(issuer: string, claims: VerifiedClaims, scopeClaim: string): Token {
  const subject = bounded(claims.sub, LONGEST_SUBJECT);
  return {
    id: `jwt-${createHash('sha256')
      .update(JSON.stringify([issuer, claims.sub]))
      .digest('hex')
      .slice(0, 24)}`,
    name: bounded(`${issuer} ${subject}`, LONGEST_NAME),
    scopes: scopesIn(claims[scopeClaim]),
    createdAt: new Date((claims.iat ?? claims.nbf ?? 0) * 1_000),
    expiresAt: new Date(claims.exp * 1_000),
    revokedAt: null,
    succeeds: null,
    lastUsedAt: null,
    identity: { issuer, subject },
  };
}

/** The scopes of this service in a claim, which is a string separated by spaces (RFC 8693, 4.2) or a list. Others are ignored. */
function scopesIn(claim: unknown): readonly Scope[] {
  const named: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return SCOPES.filter((scope) => named.includes(scope));
}

function bounded(text: string, length: number): string {
  const clean = withVisible(text.slice(0, length + 1));
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}
