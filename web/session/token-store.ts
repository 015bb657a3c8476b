const KEY = 'conntrack-api.token';

/** The token lives as long as the tab: in its session storage, or in memory alone where a browser refuses that. */
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
      // In memory it is then: a reload asks for it again.
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
