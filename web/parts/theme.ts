import { useEffect, useState } from 'preact/hooks';

/** `system` follows the reader's own setting. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'conntrack-api.theme';
const DARK = matchMedia('(prefers-color-scheme: dark)');

export interface ThemeChoice {
  readonly theme: Theme;
  readonly isDark: boolean;
  readonly choose: (theme: Theme) => void;
}

function kept(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

/** The look is kept over visits; nothing else is. */
export function useTheme(): ThemeChoice {
  const [theme, setTheme] = useState(kept);
  const [isSystemDark, setSystemDark] = useState(DARK.matches);
  useEffect(() => {
    const onChange = (): void => {
      setSystemDark(DARK.matches);
    };
    DARK.addEventListener('change', onChange);
    return () => {
      DARK.removeEventListener('change', onChange);
    };
  }, []);
  document.documentElement.dataset['theme'] = theme;
  const choose = (chosen: Theme): void => {
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // It lasts as long as the page then.
    }
    setTheme(chosen);
  };
  return { theme, isDark: theme === 'system' ? isSystemDark : theme === 'dark', choose };
}
