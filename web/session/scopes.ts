import type { Scope } from '../api/documents.ts';

interface Token {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** Why the token may not be used for an action that needs these scopes; `undefined` when it may. */
export function whyNot(whoami: Token, ...needed: readonly Scope[]): string | undefined {
  const missing = needed.filter((scope) => !whoami.scopes.includes(scope));
  if (missing.length === 0) return undefined;
  return `Token “${whoami.name}” lacks the scope${missing.length > 1 ? 's' : ''} ${missing.join(' and ')}.`;
}
