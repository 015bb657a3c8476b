import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Whoami } from '../api/documents.ts';
import type { Api } from '../api/api.ts';

export interface Session {
  readonly api: Api;
  readonly whoami: Whoami;
  readonly signOut: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('Expected a SessionContext above this component: no user is signed in.');
  return session;
}
