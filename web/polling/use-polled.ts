import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { problemOf, type Problem } from '../api/problem.ts';
import { startPoll, type Poll } from './poll.ts';

/** The last value stays while asking fails: `problem` then says why it is old. */
export interface Polled<T> {
  readonly value?: T;
  /** When the value came, on this browser's clock. */
  readonly at?: number;
  readonly problem?: Problem;
  readonly refresh: () => void;
}

/**
 * What `load` answers, asked for again every few seconds.
 *
 * @param load to be kept the same (useCallback) unless something else is to be asked for; `undefined`: nothing is
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
