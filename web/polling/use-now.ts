import { useEffect, useState } from 'preact/hooks';

/** This browser's clock, moving while something counts down. */
export function useNow(everyMilliseconds: number, isRunning = true): number {
  const [, setTicks] = useState(0);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => {
      setTicks((ticks) => ticks + 1);
    }, everyMilliseconds);
    return () => {
      clearInterval(timer);
    };
  }, [everyMilliseconds, isRunning]);
  // Of this very drawing: what was kept from before the clock ran would be late.
  return Date.now();
}
