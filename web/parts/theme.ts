import { useEffect, useState } from 'preact/hooks';

/** `system` follows the setting of the operating system. */
export const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'conntrack-api.theme';
const DARK = matchMedia('(prefers-color-scheme: dark)');

export interface ThemeChoice {
  readonly theme: Theme;
  readonly isDark: boolean;
  readonly choose: (theme: Theme) => void;
}

function storedTheme(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'system';
  } catch {
    return 'system';
  }
}

/** The theme is the only setting kept across visits. */
export function useTheme(): ThemeChoice {
  const [theme, setTheme] = useState(storedTheme);
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
      // The choice then lasts until the page is closed.
    }
    setTheme(chosen);
  };
  return { theme, isDark: theme === 'system' ? isSystemDark : theme === 'dark', choose };
}
