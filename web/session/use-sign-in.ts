import { useCallback, useEffect, useState } from 'preact/hooks';
import { Api } from '../api/api.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import type { Session } from './session.ts';
import { takeTokenFromAddress, tokenStore } from './token-store.ts';

export interface SignInState {
  readonly session: Session | undefined;
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  /** A response was marked as simulated. */
  readonly isSimulated: boolean;
  readonly signIn: (token: string) => void;
}

export function useSignIn(): SignInState {
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(tokenStore.read() !== null);
  const [isSimulated, setSimulated] = useState(false);

  const endSession = useCallback((reason: Problem | undefined) => {
    tokenStore.clear();
    setSession(undefined);
    setProblem(reason);
    setBusy(false);
  }, []);
  const signIn = useCallback(
    (token: string) => {
      const onSimulated = (): void => {
        setSimulated(true);
      };
      const api = new Api(token, { onUnauthorized: endSession, onSimulated });
      const signOut = (): void => {
        endSession(undefined);
      };
      setBusy(true);
      api.whoami().then(
        (whoami) => {
          tokenStore.write(token);
          setProblem(undefined);
          setBusy(false);
          setSession({ api, whoami, signOut });
        },
        (error: unknown) => {
          setProblem(problemOf(error));
          setBusy(false);
        },
      );
    },
    [endSession],
  );
  useGivenToken(signIn);
  return { session, problem, isBusy, isSimulated, signIn };
}

/** Signs in with the token in the address, also if another such address is opened in this tab, or with the stored one. */
function useGivenToken(signIn: (token: string) => void): void {
  useEffect(() => {
    const use = (token: string | null): void => {
      if (token !== null) signIn(token);
    };
    const onHashChange = (): void => {
      use(takeTokenFromAddress());
    };
    use(takeTokenFromAddress() ?? tokenStore.read());
    addEventListener('hashchange', onHashChange);
    return () => {
      removeEventListener('hashchange', onHashChange);
    };
  }, [signIn]);
}
