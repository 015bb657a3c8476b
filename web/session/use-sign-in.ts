import { useCallback, useEffect, useState } from 'preact/hooks';
import { Api } from '../api/api.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import type { Session } from './session.ts';
import { tokenStore } from './token-store.ts';

export interface SignedInOrOut {
  readonly session: Session | undefined;
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  /** An answer said that it is not of this host. */
  readonly isSimulated: boolean;
  readonly signIn: (token: string) => void;
}

export function useSignIn(): SignedInOrOut {
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(tokenStore.read() !== null);
  const [isSimulated, setSimulated] = useState(false);

  const leave = useCallback((why: Problem | undefined) => {
    tokenStore.clear();
    setSession(undefined);
    setProblem(why);
    setBusy(false);
  }, []);
  const signIn = useCallback(
    (token: string) => {
      const onSimulated = (): void => {
        setSimulated(true);
      };
      const api = new Api(token, { onTurnedAway: leave, onSimulated });
      const signOut = (): void => {
        leave(undefined);
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
    [leave],
  );
  useEffect(() => {
    const kept = tokenStore.read();
    if (kept !== null) signIn(kept);
  }, [signIn]);
  return { session, problem, isBusy, isSimulated, signIn };
}
