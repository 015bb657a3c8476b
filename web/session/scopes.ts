import type { Scope, Whoami } from '../api/answers.ts';

/** Why this token may not do something that needs these scopes; `undefined` where it may. */
export function whyNot(whoami: Pick<Whoami, 'scopes' | 'name'>, ...needed: readonly Scope[]): string | undefined {
  const missing = needed.filter((scope) => !whoami.scopes.includes(scope));
  if (missing.length === 0) return undefined;
  return `Token “${whoami.name}” lacks the scope${missing.length > 1 ? 's' : ''} ${missing.join(' and ')}.`;
}
