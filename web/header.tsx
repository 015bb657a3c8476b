import type { JSX } from 'preact';
import { THEMES, type ThemeChoice } from './parts/theme.ts';
import { useSession } from './session/session.ts';

/** @param status whether the displayed values are current */
export function Header({ theme, status }: { readonly theme: ThemeChoice; readonly status: JSX.Element }): JSX.Element {
  const { whoami, signOut } = useSession();
  return (
    <header class="top">
      <h1>
        conntrack-api <small>{location.host}</small>
      </h1>
      {status}
      <nav aria-label="Documentation">
        <a href="/docs">API</a>
      </nav>
      <fieldset class="segmented">
        <legend class="visually-hidden">Colours</legend>
        {THEMES.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="theme"
              checked={each === theme.theme}
              onChange={() => {
                theme.choose(each);
              }}
            />
            <span>{each}</span>
          </label>
        ))}
      </fieldset>
      <span class="who" title={whoami.scopes.join(', ')}>
        {whoami.name}
      </span>
      <button type="button" class="small" onClick={signOut}>
        Sign out
      </button>
    </header>
  );
}
