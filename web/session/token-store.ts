const KEY = 'conntrack-api.token';

const FRAGMENT = /^#token=([\w.-]+)$/;

/** The token in the fragment of the address, which browsers do not send to the server. Removes it from the address bar and from the history of the tab. */
export function takeTokenFromAddress(): string | null {
  const token = FRAGMENT.exec(location.hash)?.[1] ?? null;
  if (token !== null) history.replaceState(null, '', `${location.pathname}${location.search}`);
  return token;
}

/** Keeps the token until the tab is closed, in session storage; a browser that refuses storage keeps it in memory only. */
export const tokenStore = {
  read(): string | null {
    try {
      return sessionStorage.getItem(KEY);
    } catch {
      return null;
    }
  },
  write(token: string): void {
    try {
      sessionStorage.setItem(KEY, token);
    } catch {
      // The token stays in memory: a reload shows the sign-in form again.
    }
  },
  clear(): void {
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      // Nothing was stored.
    }
  },
} as const;
