import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Scope, Whoami } from '../api/answers.ts';
import { Api } from '../api/api.ts';

export interface Session {
  readonly api: Api;
  readonly whoami: Whoami;
  readonly signOut: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('Nobody is signed in.');
  return session;
}

/** Why this token may not do something that needs these scopes; `undefined` where it may. */
export function whyNot(whoami: Pick<Whoami, 'scopes' | 'name'>, ...needed: readonly Scope[]): string | undefined {
  const missing = needed.filter((scope) => !whoami.scopes.includes(scope));
  if (missing.length === 0) return undefined;
  return `Token “${whoami.name}” lacks the scope${missing.length > 1 ? 's' : ''} ${missing.join(' and ')}.`;
}
