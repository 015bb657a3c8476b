import { useEffect, useState } from 'preact/hooks';

/** This browser's clock, moving while something counts down. */
export function useNow(everyMilliseconds: number, isRunning = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => {
      setNow(Date.now());
    }, everyMilliseconds);
    return () => {
      clearInterval(timer);
    };
  }, [everyMilliseconds, isRunning]);
  return now;
}
