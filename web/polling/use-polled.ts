import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { problemOf, type Problem } from '../api/problem.ts';
import { startPoll, type Poll } from './poll.ts';

/** The last value is kept while requests fail; `problem` is then the reason. */
export interface Polled<T> {
  readonly value?: T;
  /** When the value was received, by the browser's clock. */
  readonly at?: number;
  readonly problem?: Problem;
  readonly refresh: () => void;
}

/**
 * The result of `load`, reloaded periodically.
 *
 * @param load must be stable (useCallback): a new function starts a new poll; `undefined`: no requests
 */
export function usePolled<T>(everyMilliseconds: number, load: ((signal: AbortSignal) => Promise<T>) | undefined): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, 'refresh'>>({});
  const poll = useRef<Poll>(undefined);
  useEffect(() => {
    if (!load) return undefined;
    const started = startPoll(everyMilliseconds, load, {
      onValue: (value) => {
        setState({ value, at: Date.now() });
      },
      onError: (error) => {
        setState((last) => ({ ...last, problem: problemOf(error) }));
      },
    });
    poll.current = started;
    return () => {
      started.stop();
    };
  }, [everyMilliseconds, load]);
  const refresh = useCallback(() => {
    poll.current?.refresh();
  }, []);
  return { ...state, refresh };
}
