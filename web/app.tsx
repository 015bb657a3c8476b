import type { JSX } from 'preact';
import { Dashboard } from './dashboard.tsx';
import { useTheme } from './parts/theme.ts';
import { SessionContext } from './session/session.ts';
import { SignIn } from './session/sign-in.tsx';
import { useSignIn } from './session/use-sign-in.ts';

export function App(): JSX.Element {
  const theme = useTheme();
  const { session, problem, isBusy, isSimulated, signIn } = useSignIn();
  if (!session) return <SignIn problem={problem} isBusy={isBusy} onToken={signIn} />;
  return (
    <SessionContext.Provider value={session}>
      <Dashboard theme={theme} isSimulated={isSimulated} />
    </SessionContext.Provider>
  );
}
