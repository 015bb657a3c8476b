import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/problem.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';

interface SignInProps {
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  readonly onToken: (token: string) => void;
}

/** The first thing seen: a field for the token, and what was wrong with the last one. */
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
          Kept in this tab until it is closed or you sign out; sent to this service only. Make one on the host with{' '}
          <code>conntrack-api token create --name me --scope all --expires 12h</code>.
        </p>
        {isEmpty && (
          <p class="field-error" role="alert">
            Paste a token first.
          </p>
        )}
        {problem && <ProblemNotice problem={problem} />}
        <div class="actions">
          <button type="submit" class="primary" aria-disabled={isBusy}>
            {isBusy ? 'Asking …' : 'Sign in'}
          </button>
          <a href="/docs">API documentation</a>
        </div>
      </form>
    </main>
  );
}
