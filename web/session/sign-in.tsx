import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/problem.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';

interface SignInProps {
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  readonly onToken: (token: string) => void;
}

/** The form for the token, with the problem of the last attempt. */
export function SignIn({ problem, isBusy, onToken }: SignInProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const [isEmpty, setEmpty] = useState(false);
  useEffect(() => field.current?.focus(), [problem]);
  const submit = (event: Event): void => {
    event.preventDefault();
    const token = (field.current?.value ?? '').trim();
    setEmpty(token === '');
    if (token !== '') onToken(token);
  };
  return (
    <main class="sign-in">
      <form class="card sign-in-form" onSubmit={submit} autocomplete="off">
        <h1>conntrack-api</h1>
        <label for="token">Bearer token</label>
        <input
          ref={field}
          id="token"
          type="password"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-describedby="token-help"
          aria-invalid={isEmpty || problem !== undefined}
        />
        <p id="token-help" class="hint">
          The token is stored in this tab until you close it or sign out, and is sent to this service only. Create one on the host with{' '}
          <code>conntrack-api token create --name me --scope all --expires 12h</code>.
        </p>
        {isEmpty && (
          <p class="field-error" role="alert">
            Enter a token.
          </p>
        )}
        {problem && <ProblemNotice problem={problem} />}
        <div class="actions">
          <button type="submit" class="primary" aria-disabled={isBusy}>
            {isBusy ? 'Signing in …' : 'Sign in'}
          </button>
          <a href="/docs">API documentation</a>
        </div>
      </form>
    </main>
  );
}
