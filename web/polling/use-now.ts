import { useEffect, useState } from 'preact/hooks';

/** The time of the browser. Renders the component again at this interval while `isRunning`. */
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
  // Read at each render: a stored time would be outdated after a pause.
  return Date.now();
}
